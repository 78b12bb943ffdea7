import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Before the suites: builds the pages as `npm run pages` does, so that what is tested is what is there. */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../../web', import.meta.url));
  await build({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error' });
}
