import { readFileSync } from 'node:fs';

// The bundle carries it; beside the sources stands package.json.
declare const MUSTER_VERSION: string | undefined;

/** The version of this Muster, such as `0.1.0`. */
export function clientVersion(): string {
  if (typeof MUSTER_VERSION === 'string') return MUSTER_VERSION;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
