import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseListing } from './listing.ts';

const record = fc.record({
  path: fc.string({ unit: 'binary', minLength: 1 }).filter((path) => !path.includes('\0') && path.isWellFormed()),
  type: fc.constantFrom('f', 'd', 'l', 's', 'p'),
  sizeBytes: fc.nat(),
  mtime: fc.integer({ min: 0 }),
});

test('any names, cut anywhere into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record), fc.array(fc.nat(50)), async (records, cuts) => {
      const bytes = Buffer.from(
        records.map((r) => `${r.type} ${r.sizeBytes} ${r.mtime}.5 ${r.mtime}.25 42 ${r.path}\0`).join(''),
      );
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      chunks.push(bytes.subarray(at));
      const parsed = await Array.fromAsync(parseListing(Readable.from(chunks.filter((chunk) => chunk.length > 0))));
      expect(parsed.map(({ path, type, sizeBytes }) => ({ path, type, sizeBytes }))).toEqual(
        records.map(({ path, type, sizeBytes }) => ({ path, type, sizeBytes })),
      );
    }),
  );
});

test.each([
  ['a record without its end', 'f 1 2.0 3.0 4 name'],
  ['a record that is none', 'find: cannot open\0'],
])('%s is an error, never skipped', async (_, text) => {
  await expect(Array.fromAsync(parseListing(Readable.from([Buffer.from(text)])))).rejects.toThrow(/listing|no sense/);
});
