import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkEveryBytes, watchSpace } from './space-guard.ts';

const mib = 1024 * 1024;
const chunk = Buffer.alloc(mib, 5);
const chunks = (count: number) => Array.from({ length: count }, () => chunk);

/** A disk that others do not use; what is taken from the stream is on it. */
function disk(freeBytes: number) {
  let left = freeBytes;
  const write = async (bytes: AsyncIterable<Uint8Array>) => {
    for await (const written of bytes) left -= written.length;
  };
  return { freeBytes: async () => left, left: () => left, write };
}

test('the bytes pass unchanged while there is room', async () => {
  const rules = { place: 'S', freeBytes: async () => 1000, reserveBytes: 0 };
  const passed = watchSpace(Readable.from([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')]), rules);
  expect((await buffer(passed)).toString()).toBe('abc');
});

test('what is known to be too much is refused before a byte of it is taken, with place and numbers', async () => {
  const taken = { count: 0 };
  const source = async function* () {
    taken.count += 1;
    yield Buffer.from('x');
  };
  const rules = { place: '/data', freeBytes: async () => 1000, reserveBytes: 300, expectedBytes: 701 };
  await expect(buffer(watchSpace(source(), rules))).rejects.toMatchObject({
    code: 'DestinationFailed',
    message: 'no room in the store /data: 1000 bytes are free, 701 more are to be written, 300 are kept in reserve',
  });
  expect(taken.count).toBe(0);
});

test('nothing that grows gets further into the reserve than from one check to the next; what fits is let through', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(80), fc.nat(40), fc.nat(120), fc.boolean(), async (free, reserve, count, isKnown) => {
      const place = disk(free * mib);
      const reserveBytes = reserve * mib;
      const expectedBytes = isKnown ? count * mib : undefined;
      const watched = watchSpace(Readable.from(chunks(count)), { ...place, place: 'S', reserveBytes, expectedBytes });
      const isRefused = await place.write(watched).then(
        () => false,
        () => true,
      );
      if ((count + reserve) * mib + checkEveryBytes <= free * mib) expect(isRefused).toBe(false);
      if (isKnown) expect(isRefused).toBe(count > 0 && count + reserve > free);
      if (free >= reserve) expect(place.left()).toBeGreaterThan(reserveBytes - checkEveryBytes);
      else expect(place.left()).toBe(free * mib);
    }),
    { numRuns: 200 },
  );
});
