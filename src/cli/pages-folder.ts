import { join } from 'node:path';

// The bundle has them beside it; `npm run pages` puts them beside the bundle.
declare const MUSTER_VERSION: string | undefined;

/** Where `npm run pages` builds the pages, or where the bundle carries them. */
export const pagesFolder = (): string => built('pages');

/** Where `npm run plugin` builds the plugin of the OpenShift console, or where the bundle carries it. */
export const pluginFolder = (): string => built('plugin');

function built(name: string): string {
  return typeof MUSTER_VERSION === 'string'
    ? join(import.meta.dirname, name)
    : join(import.meta.dirname, '..', '..', 'dist', name);
}
