import { expect, it } from 'vitest';
import { formatElapsed, formatSize } from './format.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [41_000_000, '41 MB'],
  [999_499_999, '999 MB'],
  [999_500_000, '1.0 GB'],
  [10_240_000_000, '10.2 GB'],
  [999_950_000_000, '1.0 TB'],
])('shows %d bytes as %s', (sizeBytes, shown) => {
  expect(formatSize(sizeBytes)).toBe(shown);
});

it.each([
  [-1, '0s'],
  [999, '0s'],
  [48_000, '48s'],
  [62_900, '1m 02s'],
  [130_000, '2m 10s'],
  [3_599_999, '59m 59s'],
  [7_500_000, '2h 05m'],
  [360_000_000, '100h 00m'],
])('shows %d ms as %s', (elapsedMs, shown) => {
  expect(formatElapsed(elapsedMs)).toBe(shown);
});
