import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type IngestWorld, packSettings, startIngestWorld } from '../../test/sandbox/ingest-world.ts';
import { sealArchive } from '../archive/seal.ts';
import { treeOf } from '../archive/test-support.ts';
import { unpackArchive } from '../archive/unpack.ts';
import { partKeys } from '../gather/ingest.ts';
import { salvageStoredPart } from '../gather/stored-part.ts';

let world: IngestWorld;
let env: Record<string, string>;
const started: ChildProcess[] = [];
beforeEach(async () => {
  world = await startIngestWorld();
  env = packSettings(world);
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await world.close();
});

function start(more: Record<string, string> = {}) {
  const bin = join(import.meta.dirname, 'bin.ts');
  const child = spawn(process.execPath, ['--no-warnings', bin, 'pack'], {
    env: { PATH: process.env.PATH ?? '', ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const said = text(child.stderr);
  const ended = once(child, 'exit').then(async ([exitCode]) => ({ exitCode, stderr: await said }));
  return { child, ended };
}
const write = (name: string, content: string) => {
  mkdirSync(join(world.folder, 'source', name, '..'), { recursive: true });
  writeFileSync(join(world.folder, 'source', name), content);
};
/** Longer than any test here: nobody waits on behind one that failed. */
const UNTIL_MS = 60_000;
const until = async (isSo: () => boolean | Promise<boolean>) => {
  const deadline = AbortSignal.timeout(UNTIL_MS);
  while (!(await isSo())) await setTimeout(50, undefined, { signal: deadline });
};

test('packs and uploads, with the settings of its pod, and ends with 0', async () => {
  write('a/f', 'x');
  const { ended } = start();
  await until(() => world.said.progress.length > 0);
  writeFileSync(join(world.folder, 'control/ended'), '');
  expect(await ended).toEqual({ exitCode: 0, stderr: '' });
  expect(world.said.ends).toMatchObject([{ files: 1, complete: true }]);
});

test('sends what it has at SIGTERM, and ends with 1', async () => {
  write('a/f', 'x');
  const { child, ended } = start();
  await until(() => world.said.progress.some(({ files }) => files === 1));
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ exitCode: 1 });
  expect(world.said.ends).toMatchObject([{ files: 1, complete: false, message: 'its pod was told to end' }]);
});

test('ends with 0 when another way is taken', async () => {
  const { ended } = start();
  await until(() => world.said.progress.length > 0);
  world.said.stop = 'TakenOver';
  expect(await ended).toEqual({ exitCode: 0, stderr: '' });
});

test('killed at any moment, leaves what makes an archive of all that its last record tells', async () => {
  for (let i = 0; i < 200; i++) write(`ns-${i % 7}/pod-${i}.log`, `line ${i}\n`.repeat(i));
  const { child } = start();
  await until(async () =>
    (await world.store().list(partKeys.folder(world.gather))).some(({ key }) => /record$/.test(key)),
  );
  for (let i = 0; i < 5; i++) {
    write(`late/${i}`, `${Math.random()}`.repeat(10_000));
    await setTimeout(Math.random() * 500);
    appendFileSync(join(world.folder, 'source/ns-1/pod-1.log'), 'more\n');
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const directory = join(world.folder, 'salvaged');
  const part = await salvageStoredPart(world.store(), partKeys.folder(world.gather), directory, () => undefined);
  expect(part?.files).toBeGreaterThanOrEqual(200);
  const destination = join(world.folder, 'a.tar.gz');
  await sealArchive({ parts: [{ directory }], generated: [], destination, mtimeMs: 0 });
  await unpackArchive(destination, join(world.folder, 'out'), { say: () => undefined, below: world.said.prefix });
  const [kept, source] = [treeOf(join(world.folder, 'out')), treeOf(join(world.folder, 'source'))];
  for (const [path, content] of Object.entries(kept)) {
    // What was packed early and changed then is kept as it was.
    if (path !== 'ns-1/pod-1.log') expect([path, content]).toEqual([path, source[path]]);
  }
});

test.each([
  ['MUSTER_INGEST_URL', '', /MUSTER_INGEST_URL: this variable is needed/],
  ['MUSTER_INGEST_URL', 'http://127.0.0.1:1', /expected https/],
  ['MUSTER_PACK_DIR', '', /MUSTER_PACK_DIR: this variable is needed/],
])('refuses %s=%s', async (name, value, message) => {
  const { exitCode, stderr } = await start({ [name]: value }).ended;
  expect({ exitCode, lines: stderr.trimEnd().split('\n').length }).toEqual({ exitCode: 2, lines: 1 });
  expect(stderr).toMatch(message);
});
