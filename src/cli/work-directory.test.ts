import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownProcessMark } from '../gather/process-mark.ts';
import { openWorkDirectory } from './work-directory.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'muster-work-'));
});
afterEach(() => rm(parent, { recursive: true }));

test('removes what a server of the same pod left that was killed', async () => {
  const first = await openWorkDirectory(parent, 'muster-0');
  await mkdir(join(first, 'parts'));
  const second = await openWorkDirectory(parent, 'muster-0');
  expect(await readdir(parent)).toEqual(['muster-serve-muster-0']);
  expect(await readdir(second)).toEqual(['process']);
});

test('removes what processes of this machine left that are gone, and nothing else', async () => {
  const dead = await openWorkDirectory(parent, 'dead');
  await writeFile(join(dead, 'process'), ownProcessMark(spawnSync(process.execPath, ['-e', '']).pid));
  await openWorkDirectory(parent, 'lives');
  await mkdir(join(parent, 'muster-serve-unmarked'));
  await mkdir(join(parent, 'of-others'));
  await openWorkDirectory(parent, 'own');
  const left = ['muster-serve-lives', 'muster-serve-own', 'muster-serve-unmarked', 'of-others'];
  expect((await readdir(parent)).sort()).toEqual(left);
});
