import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { muster, scratch } from '../contract/command.ts';
import { image, kubectl, loadImages } from './muster.ts';

let folder = '';
let removeFolder: () => Promise<void>;

beforeAll(() => loadImages(['good']));
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(() => removeFolder());

test('--keep leaves namespace and pod, and says so; the next run does not take them for leftovers', async () => {
  const kept = await muster(['gather', '--image', image('good'), '--keep'], folder);
  expect(kept.exitCode, kept.stdout).toBe(0);
  const namespace = /kept namespace (\S+),/.exec(kept.stdout)?.[1] ?? 'none';
  try {
    const next = await muster(['gather', '--image', image('good')], folder);
    expect(next.exitCode, next.stdout).toBe(0);
    expect(await kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[*].metadata.deletionTimestamp}')).toBe(
      '',
    );
    expect(await kubectl('get', 'pods', '-n', namespace, '-o', 'name')).toMatch(/^pod\/must-gather-/);
    expect(await kubectl('get', 'namespace', namespace, '-o', 'jsonpath={.metadata.deletionTimestamp}')).toBe('');
  } finally {
    await kubectl('delete', 'namespace', namespace); // its binding goes with it
  }
});
