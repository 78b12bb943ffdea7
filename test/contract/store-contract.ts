import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteRange, Piece, Store } from '../../src/store/store.ts';
import { verify } from '../../src/store/verify.ts';

/** A store of one kind, empty at first. */
export type StoreWorld = {
  /** Opens it, as another process would; all that was left unfinished before `sweepBeforeMs` is removed. */
  open(sweepBeforeMs?: number): Promise<Store>;
  /** An ECMAScript expression that opens it in another process. */
  readonly opening: string;
  /** What lies there under no key: half-written objects, uploads without an end. */
  leftovers(): Promise<string[]>;
  /** From this size on an object goes through the machinery for large ones. */
  readonly largeBytes: number;
  end(): Promise<void>;
};

const isLong = process.env.MUSTER_LONG !== undefined;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const digestOf = (bytes: Uint8Array) => ({ sizeBytes: bytes.length, sha256: sha256(bytes) });
const chunksOf = (...chunks: (string | Uint8Array)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** What Muster expects of every store. */
export function storeContract(name: string, start: () => Promise<StoreWorld>): void {
  describe(`${name} keeps the contract of Store`, () => {
    let world: StoreWorld;
    let store: Store;
    const contentOf = async (key: string, range?: ByteRange) => buffer(await store.read(key, range));

    beforeAll(async () => {
      world = await start();
      store = await world.open();
    });
    afterAll(async () => {
      await store?.close();
      await world?.end();
    });

    it('reads an object back whole and in ranges, replaces it and removes it', async () => {
      await store.put('whole/a', chunksOf('first'));
      expect(await store.put('whole/a', chunksOf('0123', '4567'))).toEqual(digestOf(Buffer.from('01234567')));
      expect((await contentOf('whole/a')).toString()).toBe('01234567');
      for (const [start, end] of [
        [2, 5],
        [0, 8],
        [7, 8],
        [8, 8],
        [3, 3],
        [6, undefined],
        [8, undefined],
      ] as const) {
        const range = { start, ...(end === undefined ? {} : { end }) };
        expect((await contentOf('whole/a', range)).toString(), `${start}-${end}`).toBe('01234567'.slice(start, end));
      }
      await store.remove('whole/a');
      await store.remove('whole/a');
      await expect(store.read('whole/a')).rejects.toMatchObject({ code: 'NotFound' });
      await expect(store.read('whole/a', { start: 0, end: 0 })).rejects.toMatchObject({ code: 'NotFound' });
    });

    it('lets readers leave early, more of them than it has connections', async () => {
      const bytes = randomBytes(world.largeBytes);
      await store.put('left', chunksOf(bytes));
      for (let n = 0; n < 60; n++) {
        const reading = await store.read('left');
        if (n % 2) await once(reading, 'readable');
        reading.destroy();
      }
      expect((await contentOf('left')).equals(bytes)).toBe(true);
    });

    it('ends what it reads from when it gives up', async () => {
      let hasEnded = false;
      const source = async function* () {
        try {
          yield { bytes: Buffer.from('x') };
          yield { key: 'absent' };
        } finally {
          hasEnded = true;
        }
      };
      const options = { signal: new AbortController().signal };
      await expect(store.compose('ended', source(), options)).rejects.toMatchObject({ code: 'NotFound' });
      expect(hasEnded).toBe(true);
    });

    it('refuses a range that the object does not have', async () => {
      await store.put('range/a', chunksOf('01234567'));
      for (const range of [{ start: 0, end: 9 }, { start: 9 }, { start: 9, end: 9 }, { start: 5, end: 4 }]) {
        await expect(store.read('range/a', range), JSON.stringify(range)).rejects.toMatchObject({
          code: 'RangeOutside',
        });
        await expect(store.compose('range/b', [{ key: 'range/a', range }])).rejects.toMatchObject({
          code: 'RangeOutside',
        });
      }
      expect((await store.list('range')).map((object) => object.key)).toEqual(['range/a']);
    });

    it('lists what is below a folder, by key, and removes a folder', async () => {
      const beganMs = Date.now();
      for (const key of ['list/r1/b', 'list/r10/a', 'list/r1/a/deep', 'list/r1/B']) await store.put(key, chunksOf(key));
      const listed = await store.list('list/r1');
      expect(listed.map((object) => [object.key, object.sizeBytes])).toEqual([
        ['list/r1/B', 9],
        ['list/r1/a/deep', 14],
        ['list/r1/b', 9],
      ]);
      // A server's clock may tell whole seconds only.
      for (const { storedAtMs } of listed) expect(storedAtMs).toBeGreaterThan(beganMs - 2000);
      expect(await store.list('list/r1/b')).toEqual([]);
      expect(await store.list('absent')).toEqual([]);
      const all = (await store.list('')).map((object) => object.key);
      expect(all).toEqual(all.toSorted());
      expect(all).toContain('list/r10/a');
      await store.removeFolder('list/r1');
      expect((await store.list('list')).map((object) => object.key)).toEqual(['list/r10/a']);
      await store.removeFolder('list');
      await store.removeFolder('list');
      expect(await store.list('list')).toEqual([]);
    });

    it('keeps an empty object', async () => {
      expect(await store.put('empty/a', chunksOf())).toEqual(digestOf(Buffer.alloc(0)));
      expect(await store.compose('empty/b', [])).toEqual(digestOf(Buffer.alloc(0)));
      expect((await contentOf('empty/b')).length).toBe(0);
      expect((await store.list('empty')).map((object) => object.sizeBytes)).toEqual([0, 0]);
    });

    it('refuses bytes that are not as expected, and keeps what was there', async () => {
      await store.put('expected', chunksOf('old'));
      const large = randomBytes(world.largeBytes + 1);
      for (const bytes of [Buffer.from('new'), large]) {
        await store.put('expected-piece', chunksOf(bytes));
        for (const expected of [{ sizeBytes: 4 }, { sha256: sha256(Buffer.from('other')) }]) {
          const refused = { code: 'InvalidInput' };
          await expect(store.put('expected', chunksOf(bytes), { expected })).rejects.toMatchObject(refused);
          const pieces = [{ key: 'expected-piece' }];
          await expect(store.compose('expected', pieces, { expected })).rejects.toMatchObject(refused);
        }
      }
      expect((await contentOf('expected')).toString()).toBe('old');
      const expected = digestOf(large);
      expect(await store.put('expected', chunksOf(large), { expected })).toEqual(expected);
      expect((await contentOf('expected')).equals(large)).toBe(true);
      expect(await world.leftovers()).toEqual([]);
    });

    it('leaves nothing when the bytes end early, pieces are not there, or the caller gives up', async () => {
      await store.put('early', chunksOf('old'));
      const large = randomBytes(world.largeBytes);
      await store.put('early-piece', chunksOf(large));
      const cut = async function* () {
        yield large;
        yield large;
        throw new Error('cut');
      };
      await expect(store.put('early', cut())).rejects.toThrow('cut');
      const cutPieces = async function* () {
        yield { key: 'early-piece' };
        yield { bytes: large };
        throw new Error('cut');
      };
      await expect(store.compose('early', cutPieces())).rejects.toThrow('cut');
      const absent = [{ key: 'early-piece' }, { key: 'absent' }];
      await expect(store.compose('early', absent)).rejects.toMatchObject({ code: 'NotFound' });
      await expect(store.compose('early', [{ key: 'early' }, ...absent])).rejects.toMatchObject({ code: 'NotFound' });
      expect((await contentOf('early')).toString()).toBe('old');
      expect(await world.leftovers()).toEqual([]);
    });

    it('gives up when told, even while its source hangs', async () => {
      const reason = new Error('told to');
      const hanging = async function* <T>(item: T, stop: AbortController) {
        yield item;
        setImmediate(() => stop.abort(reason));
        await new Promise(() => undefined);
      };
      const large = randomBytes(world.largeBytes);
      for (const bytes of [Buffer.from('x'), large]) {
        const put = new AbortController();
        await expect(store.put('hung', hanging(bytes, put), { signal: put.signal })).rejects.toBe(reason);
        const compose = new AbortController();
        const pieces = hanging({ bytes }, compose);
        await expect(store.compose('hung', pieces, { signal: compose.signal })).rejects.toBe(reason);
      }
      const aborted = { signal: AbortSignal.abort(reason) };
      await expect(store.put('hung', chunksOf('x'), aborted)).rejects.toBe(reason);
      await expect(store.compose('hung', [{ bytes: large }], aborted)).rejects.toBe(reason);
      await expect(store.read('hung')).rejects.toMatchObject({ code: 'NotFound' });
      expect(await world.leftovers()).toEqual([]);
    });

    it('refuses what is no key', async () => {
      for (const key of [
        '',
        '.',
        '..',
        '../x',
        '/x',
        'a//b',
        'a/',
        'a/../b',
        'a\0b',
        'a\n',
        '.a',
        'a/.b',
        'a b',
        'ä',
      ]) {
        const refused = { code: 'InvalidInput' };
        await expect(store.put(key, chunksOf('x')), key).rejects.toMatchObject(refused);
        await expect(store.read(key), key).rejects.toMatchObject(refused);
        await expect(store.compose(key, []), key).rejects.toMatchObject(refused);
        await expect(store.compose('refused', [{ key }]), key).rejects.toMatchObject(refused);
        await expect(store.remove(key), key).rejects.toMatchObject(refused);
        await expect(store.removeFolder(key), key).rejects.toMatchObject(refused);
        if (key !== '') await expect(store.list(key), key).rejects.toMatchObject(refused);
      }
      await expect(store.read('refused')).rejects.toMatchObject({ code: 'NotFound' });
    });

    it('lets one of two puts of a key win, whole', async () => {
      const contents = [
        Buffer.alloc(world.largeBytes + 7, 1),
        Buffer.alloc(world.largeBytes + 7, 2),
        Buffer.alloc(9, 3),
      ];
      for (let round = 0; round < 2; round++) {
        const pieces = (bytes: Buffer) => [{ bytes: bytes.subarray(0, 5) }, { bytes: bytes.subarray(5) }];
        await Promise.all([
          ...contents.map((bytes) => store.put('raced', chunksOf(bytes.subarray(0, 100), bytes.subarray(100)))),
          ...contents.map((bytes) => store.compose('raced', pieces(bytes))),
        ]);
        const won = await contentOf('raced');
        expect(contents.some((bytes) => bytes.equals(won))).toBe(true);
      }
      expect(await world.leftovers()).toEqual([]);
    });

    it('joins any pieces: bytes, size and digest are those of the concatenation', async () => {
      const sizes = [0, 1, 4999, 70_000, Math.ceil(world.largeBytes / 3), world.largeBytes, world.largeBytes * 2 + 1];
      const stored = sizes.map((size) => randomBytes(size));
      for (const [n, bytes] of stored.entries()) await store.put(`joined/${n}`, chunksOf(bytes));
      const anyPiece = fc.oneof(
        fc.record({ of: fc.nat(sizes.length - 1), cuts: fc.tuple(fc.nat(1000), fc.nat(1000)) }),
        fc.record({ bytes: fc.uint8Array({ maxLength: 200 }) }),
      );
      /** A piece and the bytes that it stands for; cuts are per mille of the object. */
      const planned = (plan: { of: number; cuts: number[] } | { bytes: Uint8Array }, isWhole: boolean) => {
        if ('bytes' in plan) return { piece: plan, bytes: plan.bytes };
        const bytes = stored[plan.of] ?? Buffer.alloc(0);
        const key = `joined/${plan.of}`;
        if (isWhole) return { piece: { key }, bytes };
        const places = plan.cuts.map((cut) => Math.round((bytes.length * cut) / 1000));
        const [start = 0, end = 0] = places.toSorted((one, other) => one - other);
        return { piece: { key, range: { start, end } }, bytes: bytes.subarray(start, end) };
      };
      await fc.assert(
        fc.asyncProperty(fc.array(anyPiece, { maxLength: 12 }), fc.boolean(), async (plans, isWhole) => {
          const steps = plans.map((plan) => planned(plan, isWhole));
          const pieces: Piece[] = steps.map((step) => step.piece);
          const parts = steps.map((step) => step.bytes);
          const whole = Buffer.concat(parts);
          const digest = await store.compose('joined/whole', pieces, { expected: { sizeBytes: whole.length } });
          expect(digest).toEqual(digestOf(whole));
          expect((await contentOf('joined/whole')).equals(whole)).toBe(true);
        }),
        { numRuns: isLong ? 300 : 10 },
      );
      expect(await world.leftovers()).toEqual([]);
    });

    it('may lay an object down in place of one that it is made of', async () => {
      const bytes = randomBytes(world.largeBytes);
      await store.put('grown', chunksOf(bytes));
      await store.compose('grown', [{ key: 'grown' }, { bytes: Buffer.from('more') }, { key: 'grown' }]);
      expect((await contentOf('grown')).equals(Buffer.concat([bytes, Buffer.from('more'), bytes]))).toBe(true);
    });

    it.each(['put', 'compose'] as const)('shows nothing of a process killed in a %s, and sweeps it', async (verb) => {
      const script = `
        const store = await (${world.opening});
        const bytes = Buffer.alloc(${world.largeBytes}, 7);
        const source = async function* () {
          for (let n = 0; n < 3; n++) yield ${verb === 'put' ? 'bytes' : '{ bytes }'};
          process.stdout.write('written');
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        };
        await store.${verb}('killed', source());`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      const [said] = await Promise.race([once(child.stdout, 'data'), ended]);
      expect(String(said)).toBe('written');
      child.kill('SIGKILL');
      await ended;
      await expect(store.read('killed')).rejects.toMatchObject({ code: 'NotFound' });
      expect(await world.leftovers()).toHaveLength(1);
      await (await world.open(1000)).close();
      expect(await world.leftovers()).toHaveLength(1);
      if (verb === 'put') await (await world.open(Number.POSITIVE_INFINITY)).close();
      else await store.sweepUnfinished(Number.POSITIVE_INFINITY);
      expect(await world.leftovers()).toEqual([]);
      expect((await store.list('')).map((object) => object.key)).not.toContain('killed');
    });

    it('tells whether an object is still what it was', async () => {
      const bytes = randomBytes(100_000);
      const should = await store.put('verified', chunksOf(bytes));
      expect(await verify(store, 'verified', should)).toEqual({ state: 'same' });
      const is = await store.put('verified', chunksOf(bytes.subarray(1)));
      expect(await verify(store, 'verified', should)).toEqual({ state: 'different', is });
      expect(await verify(store, 'verified', { ...is, sha256: should.sha256 })).toEqual({ state: 'different', is });
      await store.remove('verified');
      expect(await verify(store, 'verified', should)).toEqual({ state: 'missing' });
      await store.put('verified', chunksOf(bytes));
      const reason = new Error('told to');
      await expect(verify(store, 'verified', should, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('knows how much it still takes, or that nobody knows', async () => {
      const freeBytes = await store.freeBytes();
      if (freeBytes !== undefined) expect(freeBytes).toBeGreaterThan(0);
    });

    it('answers that it is there', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });
  });
}
