import { execFile } from 'node:child_process';
import { glob, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

export const PLUGIN_FOLDER = join(root, 'dist/plugin');
export const HOST_FOLDER = join(root, 'dist/console-host');

/** Builds the plugin as `npm run plugin` does, and the host's page, where their sources are newer than what was built. */
export async function buildConsole(): Promise<void> {
  const ofPlugin = ['web/src/**', 'web/locales/**', 'web/*.{ts,json}', 'src/report/**'];
  const manifest = join(PLUGIN_FOLDER, 'plugin-manifest.json');
  if (await isOlder(manifest, ofPlugin)) {
    await run(process.execPath, ['web/build-plugin.ts'], { cwd: root });
    // webpack leaves a file as it is whose content did not change.
    await utimes(manifest, new Date(), new Date());
  }
  if (await isOlder(join(HOST_FOLDER, 'index.html'), ['web/console-host/**', 'web/package.json'])) {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const flags = ['--base=/static/', `--outDir=${HOST_FOLDER}`, '--emptyOutDir', '--assetsInlineLimit=0'];
    await run(process.execPath, [vite, 'build', 'web/console-host', ...flags, '--logLevel=error'], { cwd: root });
  }
}

/** Whether any of the sources, or a folder of theirs, changed after `built`. */
async function isOlder(built: string, sources: readonly string[]): Promise<boolean> {
  const builtAtMs = await stat(built).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  for await (const name of glob(sources, { cwd: root, exclude: ['**/*.test.*'] })) {
    if ((await stat(join(root, name))).mtimeMs > builtAtMs) return true;
  }
  return false;
}
