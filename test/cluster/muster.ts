import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../contract/command.ts';
import { contentOf, loadOnce } from './load-once.ts';

const execFileAsync = promisify(execFile);

const TOOLS = 'localhost/tools:1';

/** The gather images of `test/images`, as the cluster knows them. */
export function image(name: string): string {
  return `${process.env.MUSTER_TEST_IMAGES ?? 'localhost/muster-test'}/${name}:1`;
}

/**
 * Packs the gather images and loads them into the nodes, with the image of tools that they stand on. With a cluster of one's own they have to be there already, and
 * MUSTER_TEST_IMAGES says where.
 */
export function loadImages(names: readonly string[]): void {
  if (process.env.MUSTER_TEST_IMAGES !== undefined) return;
  const tool = join(root, '..', 'shared', 'cluster', 'image');
  if (!existsSync(tool)) {
    throw new Error(
      'no tool to load images with: build those of test/images, and set MUSTER_TEST_IMAGES to their prefix',
    );
  }
  loadOnce(TOOLS, '', () => execFileSync(tool, ['--tools'], { stdio: 'pipe' }));
  for (const name of names) {
    const folder = join(root, 'test', 'images', name);
    const load = () => execFileSync(tool, [folder, image(name), '--base', TOOLS], { stdio: 'pipe' });
    loadOnce(image(name), contentOf(folder), load);
  }
}

export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execFileAsync('kubectl', args, { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** What Muster made in the cluster and has not removed; what is ending does not count. */
export async function leftovers(): Promise<string[]> {
  const listed = await kubectl('get', 'namespaces,clusterrolebindings', '-l', 'muster.dev/report', '-o', 'json');
  const { items } = JSON.parse(listed) as {
    items: { kind: string; metadata: { name: string; deletionTimestamp?: string } }[];
  };
  const ending = new Set(
    items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name),
  );
  return items
    .filter(({ metadata }) => !ending.has(metadata.name))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
