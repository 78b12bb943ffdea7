import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePieces } from './merge-pieces.ts';
import type { Piece } from './store.ts';

const merged = (pieces: Piece[]) => Array.fromAsync(mergePieces(Readable.from(pieces)));

test('stretches that follow one another are one, and nothing else is', async () => {
  const bytes = Buffer.from('x');
  expect(
    await merged([
      { key: 'a', range: { start: 0, end: 3 } },
      { key: 'a', range: { start: 3, end: 5 } },
      { key: 'a', range: { start: 5 } },
      { key: 'a', range: { start: 9, end: 9 } },
      { bytes },
      { key: 'a', range: { start: 9, end: 12 } },
      { key: 'b', range: { start: 12, end: 13 } },
      { key: 'b' },
    ]),
  ).toEqual([
    { key: 'a', range: { start: 0 } },
    { key: 'a', range: { start: 9, end: 9 } },
    { bytes },
    { key: 'a', range: { start: 9, end: 12 } },
    { key: 'b', range: { start: 12, end: 13 } },
    { key: 'b' },
  ]);
});

test('any pieces mean the same bytes afterwards', async () => {
  const objects: Record<string, string> = { a: 'abcdefgh', b: '01234567' };
  const meaning = (pieces: Piece[]) =>
    pieces
      .map((piece) => {
        if ('bytes' in piece) return Buffer.from(piece.bytes).toString();
        return (objects[piece.key] ?? '').slice(piece.range?.start, piece.range?.end);
      })
      .join('');
  const stretch = fc.tuple(fc.nat(8), fc.nat(8)).map(([one, other]) => {
    return { start: Math.min(one, other), end: Math.max(one, other) };
  });
  const piece: fc.Arbitrary<Piece> = fc.oneof(
    fc.record({ key: fc.constantFrom('a', 'b'), range: stretch }),
    fc.record({ key: fc.constantFrom('a', 'b') }),
    fc.record({ bytes: fc.constant(Buffer.from('!')) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const fewer = await merged(pieces);
      expect(fewer.length).toBeLessThanOrEqual(pieces.length);
      expect(meaning(fewer)).toBe(meaning(pieces));
    }),
  );
});
