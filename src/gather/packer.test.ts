import { appendFileSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type IngestWorld, packerToken, startCuttingProxy, startIngestWorld } from '../../test/sandbox/ingest-world.ts';
import { padded, piece, run, tarOf, treeOf } from '../archive/test-support.ts';
import { unpackArchive } from '../archive/unpack.ts';
import { realTimers } from '../kube/timers.ts';
import { partKeys } from './ingest.ts';
import { type PackerOptions, runPacker } from './packer.ts';
import { createPackerClient } from './packer-client.ts';
import { sealStored } from './seal-stored.ts';

const isLong = process.env.MUSTER_LONG !== undefined;

let world: IngestWorld;
let sourceDir = '';
let controlDir = '';
let terminated: AbortController;
let lines: string[] = [];
beforeEach(async () => {
  world = await startIngestWorld();
  [sourceDir, controlDir] = [join(world.folder, 'source'), join(world.folder, 'control')];
  for (const folder of [sourceDir, controlDir]) mkdirSync(folder);
  terminated = new AbortController();
  lines = [];
});
afterEach(() => world.close());

const packing = (more: Partial<PackerOptions> = {}) =>
  runPacker({
    ingestUrl: world.url,
    ca: world.caPem,
    token: async () => `${packerToken}\n`,
    sourceDir,
    controlDir,
    packDir: join(world.folder, 'pack'),
    log: (line) => lines.push(line),
    terminated: terminated.signal,
    timers: realTimers,
    random: Math.random,
    ...more,
  });
const write = (name: string, content: string | Buffer) => {
  mkdirSync(join(sourceDir, name, '..'), { recursive: true });
  writeFileSync(join(sourceDir, name), content);
};
const endGather = () => writeFileSync(join(controlDir, 'ended'), '');

/** Bytes that hardly compress, the same for the same seed. */
function noise(sizeBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed + 1;
  for (let at = 0; at + 4 <= sizeBytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes.writeInt32LE(state ^ (state >>> 15), at);
  }
  return bytes;
}

/** What is in the archive that the server makes of the part. */
async function sealed(): Promise<Record<string, string>> {
  const store = world.store();
  const workDirectory = join(world.folder, 'work');
  mkdirSync(workDirectory);
  const parts = [{ folder: partKeys.folder(world.gather) }];
  const signal = AbortSignal.timeout(20_000);
  await sealStored({ store, key: 'archives/r-1/a', parts, generated: [], workDirectory, mtimeMs: 0, signal });
  const file = join(workDirectory, 'a.tar.gz');
  writeFileSync(file, Buffer.concat(await Array.fromAsync(await store.read('archives/r-1/a'))));
  const out = join(workDirectory, 'out');
  await unpackArchive(file, out, { say: (line) => lines.push(line), below: world.said.prefix });
  return treeOf(out);
}

const events = async () =>
  (await text(await world.store().read(partKeys.events(world.gather))))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).reason);
const eventList = (...reasons: string[]) =>
  `apiVersion: v1\nitems:\n${reasons.map((reason, i) => `- reason: ${reason}\n  lastTimestamp: "2026-11-21T05:00:0${i}Z"\n`).join('')}kind: EventList\n`;
/** Longer than any test here: nobody waits on behind one that failed. */
const UNTIL_MS = 60_000;
const until = async (isSo: () => boolean) => {
  const deadline = AbortSignal.timeout(UNTIL_MS);
  while (!isSo()) await setTimeout(20, undefined, { signal: deadline });
};

describe('a packer', () => {
  test('brings what a gather writes, while it writes it, and what changed since', async () => {
    write('ns/a/early.log', 'early\n'.repeat(1000));
    write('ns/a/core/events.yaml', eventList('Old'));
    symlinkSync('early.log', join(sourceDir, 'ns/a/link'));
    run('mkfifo', [join(sourceDir, 'pipe')]);
    const packed = packing();
    // Packed before the end, then changed, renamed, linked to.
    await until(() => world.said.progress.some(({ files }) => files >= 2));
    appendFileSync(join(sourceDir, 'ns/a/early.log'), 'late\n');
    write('ns/a/core/events.yaml', eventList('Started', 'Killed'));
    write('ns/b/core/events.yaml', eventList('Pulled'));
    linkSync(join(sourceDir, 'ns/a/early.log'), join(sourceDir, 'hard'));
    write('late', 'late');
    endGather();
    expect(await packed).toBe('complete');
    expect(world.said.ends).toEqual([
      {
        files: 4,
        bytes: 6005 + eventList('Started', 'Killed').length + eventList('Pulled').length + 4,
        membersBytes: (await world.members()).length,
        complete: true,
        message: '',
        says: expect.any(Array),
      },
    ]);
    const says = [...world.said.progress, ...world.said.ends].flatMap((told) => told.says);
    expect(says).toEqual([`left out "${world.said.prefix}/pipe": a named pipe`]);
    rmSync(join(sourceDir, 'pipe'));
    expect(await sealed()).toEqual(treeOf(sourceDir));
    expect(await events()).toEqual(['Killed', 'Started', 'Pulled']);
    expect(lines).toEqual([]);
  });

  test('waits for its folder, and begins with nothing before', async () => {
    world.said.prefix = undefined;
    write('f', 'x');
    endGather();
    const packed = packing();
    await setTimeout(700);
    expect(await world.store().list('')).toEqual([]);
    world.said.prefix = 'top/image';
    expect(await packed).toBe('complete');
    expect(await sealed()).toEqual(treeOf(sourceDir));
  });

  test('hears from the server that the gather has ended, and why it shall stop', async () => {
    write('f', 'x');
    const packed = packing();
    await until(() => world.said.progress.length > 0);
    world.said.stop = 'Cancelled';
    await until(() => treeOf(controlDir).stop !== undefined);
    expect(readFileSync(join(controlDir, 'stop'), 'utf8')).toBe('Cancelled');
    world.said.ended = true;
    expect(await packed).toBe('complete');
  });

  test('has the gather stopped when it fills its share of the volume', async () => {
    Object.assign(world.gather, { volumePercentage: 1e-6 });
    write('f', noise(1_000_000, 1));
    const packed = packing();
    await until(() => treeOf(controlDir).stop !== undefined);
    expect(readFileSync(join(controlDir, 'stop'), 'utf8')).toBe('DiskLimit');
    endGather();
    expect(await packed).toBe('complete');
  });

  test('unfolds a tar that is all there is, and reads the events in it', async () => {
    const list = eventList('Inside');
    const tar = tarOf(piece('must-gather/core/events.yaml', list), piece('must-gather/version', 'v1\n'), padded(''));
    write('must-gather.tar.gz', gzipSync(tar));
    endGather();
    expect(await packing()).toBe('complete');
    expect(await sealed()).toEqual({
      core: 'directory',
      'core/events.yaml': Buffer.from(list).toString('base64'),
      version: Buffer.from('v1\n').toString('base64'),
    });
    expect(await events()).toEqual(['Inside']);
  });

  test('sends what is packed when its pod has to end', async () => {
    write('settled', noise(100_000, 1));
    const packed = packing();
    await until(() => world.said.progress.some(({ files }) => files === 1));
    write('new', 'x');
    terminated.abort(new Error('terminated'));
    expect(await packed).toBe('incomplete');
    expect(world.said.ends).toMatchObject([{ files: 1, complete: false, message: 'its pod was told to end' }]);
    expect(await sealed()).toEqual({ settled: noise(100_000, 1).toString('base64') });
  });

  test('ends when another way is taken, also while it cannot be heard', async () => {
    write('f', noise(100_000, 1));
    const packed = packing();
    await until(() => world.said.progress.length > 0);
    world.said.stop = 'TakenOver';
    expect(await packed).toBe('taken over');
    expect(world.said.ends).toEqual([]);
    expect(treeOf(controlDir)).toEqual({});
  });

  test('goes on when its token was renewed, and when another replica leads', async () => {
    write('f', 'x');
    let token = 'expired';
    let lookedUp = 0;
    const packed = packing({
      token: async () => {
        lookedUp += 1;
        return token;
      },
    });
    await until(() => lookedUp > 2);
    world.setToken('renewed', true);
    token = 'renewed';
    await until(() => world.said.progress.length > 0);
    await world.restart();
    world.setToken('renewed', false);
    token = packerToken;
    endGather();
    expect(await packed).toBe('complete');
    expect(await sealed()).toEqual(treeOf(sourceDir));
    expect(lines.filter((line) => line.includes('401'))).not.toEqual([]);
    expect(lines.at(-1)).toBe('the server answers again');
    expect(JSON.stringify([lines, world.said])).not.toContain(packerToken);
  });

  test('is not heard where the certificate is another: its token goes nowhere', async () => {
    const other = await startIngestWorld();
    const asked: unknown[] = [];
    world.app().server.on('request', (request) => asked.push(request));
    const packed = packing({ ca: other.caPem });
    await until(() => lines.length > 0);
    terminated.abort(new Error('terminated'));
    expect(await packed).toBe('incomplete');
    expect(asked).toEqual([]);
    expect(lines[0]).toMatch(/cannot be asked: .*certificate/);
    await other.close();
  });

  test('ends at once when it cannot pack, so that another way is taken', async () => {
    write('f', 'x');
    writeFileSync(join(world.folder, 'pack'), 'no folder');
    await expect(packing()).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  test('does not go on with the part of a packer before it', async () => {
    await world.ask('PUT', 'members/0', Buffer.from('others'));
    await expect(packing()).rejects.toThrow(/6 bytes of a part that this packer knows nothing of/);
  });
});

describe('uploads', () => {
  test('come whole through a line that is cut at random bytes, to a server that is started again and again', async () => {
    let seed = 11;
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    // Most of them within a chunk, some within a handshake.
    const proxy = await startCuttingProxy(world.port, () => Math.floor(random() ** 2 * 30_000_000));
    try {
      for (let i = 0; i < (isLong ? 60 : 4); i++) write(`big/${i}`, noise(5_000_000, i));
      for (let i = 0; i < 300; i++) write(`small/${i}`, `${i}`.repeat(i));
      const packed = packing({ ingestUrl: proxy.url });
      for (let round = 0; round < 3; round++) {
        await setTimeout(1000);
        write(`late/${round}`, noise(3_000_000, round));
        await world.restart(() => setTimeout(300));
      }
      endGather();
      expect(await packed).toBe('complete');
      expect(proxy.cuts()).toBeGreaterThan(3);
      expect(world.said.ends.at(-1)).toMatchObject({ complete: true, membersBytes: (await world.members()).length });
      expect(await sealed()).toEqual(treeOf(sourceDir));
    } finally {
      await proxy.close();
    }
  }, 120_000);

  test('go back to where the server is when its store lost some of them', async () => {
    for (let i = 0; i < 3; i++) write(`big/${i}`, noise(7_000_000, i));
    const packed = packing();
    const chunks = async () => (await world.store().list(partKeys.members(world.gather))).map(({ key }) => key);
    while ((await chunks()).length < 2) await setTimeout(50);
    await world.restart(async () => {
      for (const key of (await chunks()).slice(1)) await world.store().remove(key);
    });
    await setTimeout(300);
    write('late', noise(7_000_000, 9));
    endGather();
    expect(await packed).toBe('complete');
    expect(await sealed()).toEqual(treeOf(sourceDir));
  });

  test('of one chunk after the other, each cut at random bytes, are whole, and each once', async () => {
    const chunks = isLong ? 1200 : 40;
    const content = noise(chunks * 20_000, 3);
    const file = join(world.folder, 'members');
    writeFileSync(file, content);
    const proxy = await startCuttingProxy(world.port, () => Math.floor(Math.random() * 40_000));
    // Waits are none: what is tested is what arrives.
    const timers = { ...realTimers, after: (_delayMs: number, act: () => void) => realTimers.after(0, act) };
    const client = createPackerClient({
      url: proxy.url,
      ca: world.caPem,
      token: async () => packerToken,
      timers,
      random: Math.random,
      say: (line) => lines.push(line),
      heard: () => undefined,
    });
    try {
      for (let start = 0; start < content.length; start += 20_000) {
        const body = { file, start, end: start + 20_000 };
        const answer = await client.ask('PUT', `members/${start}`, body, terminated.signal);
        expect(answer).toMatchObject({ status: 200, body: { membersBytes: start + 20_000 } });
      }
      expect(proxy.cuts()).toBeGreaterThan(chunks * 0.8);
      expect((await world.members()).equals(content)).toBe(true);
      expect(world.said.failures).toEqual([]);
      process.stdout.write(`uploads of ${chunks} chunks were cut ${proxy.cuts()} times\n`);
    } finally {
      client.close();
      await proxy.close();
    }
  });
});
