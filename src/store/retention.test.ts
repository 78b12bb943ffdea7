import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickExpired } from './retention.ts';

const nowMs = 1_000_000;
const archive = (key: string, ageMs: number, sizeBytes = 10, inUse = false) => ({
  key,
  sizeBytes,
  storedAtMs: nowMs - ageMs,
  inUse,
});

test('age, count and bytes each pick the oldest, and nothing more than they must', () => {
  const stored = [archive('new', 1), archive('old', 300), archive('middle', 20)];
  expect(pickExpired(stored, {}, nowMs)).toEqual([]);
  expect(pickExpired(stored, { maxAgeMs: 100 }, nowMs)).toEqual(['old']);
  expect(pickExpired(stored, { maxAgeMs: 300 }, nowMs)).toEqual([]);
  expect(pickExpired(stored, { maxCount: 1 }, nowMs)).toEqual(['old', 'middle']);
  expect(pickExpired(stored, { maxBytes: 20 }, nowMs)).toEqual(['old']);
});

test('whatever is stored: nothing in use is picked, and the limits hold for what is left or only that is left', () => {
  const anyArchive = fc.record({
    ageMs: fc.integer({ min: -100, max: 1000 }),
    sizeBytes: fc.nat(100),
    inUse: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyArchive), fc.nat(1000), fc.nat(8), fc.nat(400), (many, maxAgeMs, maxCount, maxBytes) => {
      const stored = many.map((one, n) => archive(`a${n}`, one.ageMs, one.sizeBytes, one.inUse));
      const picked = new Set(pickExpired(stored, { maxAgeMs, maxCount, maxBytes }, nowMs));
      const left = stored.filter(({ key }) => !picked.has(key));
      expect(stored.filter(({ key, inUse }) => inUse && picked.has(key))).toEqual([]);
      const free = left.filter(({ inUse }) => !inUse);
      if (free.length === 0) return;
      expect(left.length).toBeLessThanOrEqual(maxCount);
      expect(left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(maxBytes);
      expect(free.every(({ storedAtMs }) => nowMs - storedAtMs <= maxAgeMs)).toBe(true);
    }),
  );
});
