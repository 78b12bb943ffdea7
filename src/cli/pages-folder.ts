import { join } from 'node:path';

// The bundle has them beside it; `npm run pages` puts them beside the bundle.
declare const MUSTER_VERSION: string | undefined;

/** Where `npm run pages` builds the pages, or where the bundle carries them. */
export function pagesFolder(): string {
  return typeof MUSTER_VERSION === 'string'
    ? join(import.meta.dirname, 'pages')
    : join(import.meta.dirname, '..', '..', 'dist', 'pages');
}
