// Makes the image of deploy/Containerfile with the tool of the test cluster, and loads it into the cluster's nodes:
// `node scripts/cluster-image.ts [NAME]`.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tool = join(root, '..', 'shared', 'cluster', 'image');
const BASE = 'localhost/node:24';
const [, , name = 'localhost/muster:test'] = process.argv;

if (!existsSync(tool)) throw new Error('no tool to load images with: build deploy/Containerfile instead');
const folder = mkdtempSync(join(tmpdir(), 'muster-image-'));
try {
  cpSync(join(root, 'deploy/image'), folder, { recursive: true });
  run(process.execPath, [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    join(root, 'web'),
    '--logLevel',
    'error',
  ]);
  run(process.execPath, [join(root, 'scripts/bundle.ts'), join(folder, 'usr/lib/muster/muster.mjs')]);
  run(tool, ['--node']);
  run(tool, [folder, name, '--base', BASE, '--entrypoint', '/usr/bin/muster']);
  console.log(name);
} finally {
  rmSync(folder, { recursive: true });
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
