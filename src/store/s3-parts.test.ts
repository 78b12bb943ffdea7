import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copiedStretches, joinedPartBytes, leastCopiedBytes, leastPartBytes, mostParts } from './s3-parts.ts';

const gib = 1024 ** 3;
const numbers = Array.from({ length: mostParts }, (_, n) => n + 1);
const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);

test('10,000 parts hold more than any archive, whatever its pieces, and one of them fits in memory', () => {
  expect(sum(numbers.map(joinedPartBytes))).toBeGreaterThan(200 * gib);
  expect(sum(numbers.map(leastCopiedBytes))).toBeGreaterThan(200 * gib);
  for (const number of numbers) {
    expect(leastCopiedBytes(number)).toBeGreaterThanOrEqual(leastPartBytes);
    expect(joinedPartBytes(number)).toBeGreaterThanOrEqual(leastCopiedBytes(number));
  }
  expect(Math.max(...numbers.map(joinedPartBytes))).toBe(64 * 1024 ** 2);
});

test('a stretch is cut without gaps into what S3 copies at once', () => {
  const size = fc.integer({ min: leastPartBytes, max: 5000 * gib });
  fc.assert(
    fc.property(fc.nat(), size, (start, length) => {
      const stretches = copiedStretches(start, start + length);
      expect(stretches[0]?.start).toBe(start);
      expect(stretches.at(-1)?.end).toBe(start + length);
      for (const [n, stretch] of stretches.entries()) {
        if (n > 0) expect(stretch.start).toBe(stretches[n - 1]?.end);
        expect(stretch.end - stretch.start).toBeLessThanOrEqual(5 * gib);
        expect(stretch.end - stretch.start).toBeGreaterThanOrEqual(leastPartBytes);
      }
    }),
    { numRuns: 30 },
  );
});
