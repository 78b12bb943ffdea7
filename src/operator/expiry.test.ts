import { describe, expect, it } from 'vitest';
import { validateSpec } from '../report/spec.ts';
import { expiresAtMs } from './expiry.ts';

const HOUR_MS = 3_600_000;

describe('when a report is deleted', () => {
  it.each([
    ['Completed', undefined, 24 * HOUR_MS],
    ['Partial', undefined, 24 * HOUR_MS],
    ['Failed', undefined, 12 * HOUR_MS],
    ['Cancelled', undefined, 12 * HOUR_MS],
    ['Failed', '30m', HOUR_MS / 2],
    ['Completed', 'never', undefined],
    ['Gathering', undefined, undefined],
  ] as const)('%s with deleteAfter %s: %s ms after its end', (phase, deleteAfter, keptMs) => {
    const { spec } = validateSpec(deleteAfter === undefined ? {} : { deleteAfter });
    expect(expiresAtMs(spec, phase, 1000)).toBe(keptMs === undefined ? undefined : 1000 + keptMs);
  });
});
