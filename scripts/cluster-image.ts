// Loads Muster's image into the nodes of the test cluster: `node scripts/cluster-image.ts [NAME]`. With
// MUSTER_TEST_IMAGE_ARCHIVE the one that buildah made (scripts/image.ts), else one packed here of the same content with the
// cluster's own tool.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tool = join(root, '..', 'shared', 'cluster', 'image');
const BASE = 'localhost/node:24';
const [, , name = 'localhost/muster:test'] = process.argv;

const { MUSTER_TEST_IMAGE_ARCHIVE: archive, KUBECONFIG } = process.env;
if (archive && KUBECONFIG) load(archive, dirname(KUBECONFIG));
else pack();
console.log(name);

/** The state of the cluster, with the sockets of its nodes, is where its kubeconfig is. */
function load(file: string, state: string): void {
  const sockets = globSync(join(state, 'node-*', 'containerd.sock'));
  if (sockets.length === 0) throw new Error(`${state} has no nodes to load the image into`);
  for (const socket of sockets) run('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'import', file]);
}

function pack(): void {
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
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
