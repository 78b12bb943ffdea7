import { describe, expect, it } from 'vitest';
import { relativeTime } from './relative-time.ts';

const MINUTE_MS = 60_000;

describe('relativeTime', () => {
  it.each([
    [0, 'now'],
    [-30_000, 'now'],
    [-MINUTE_MS, '1 minute ago'],
    [-59 * MINUTE_MS, '59 minutes ago'],
    [90 * MINUTE_MS, 'in 1 hour'],
    [23.5 * 60 * MINUTE_MS, 'in 23 hours'],
    [-49 * 60 * MINUTE_MS, '2 days ago'],
  ])('%d ms is "%s"', (distanceMs, words) => {
    expect(relativeTime(distanceMs, 'en')).toBe(words);
  });

  it('speaks the language of the person', () => {
    expect(relativeTime(-5 * MINUTE_MS, 'de')).toBe('vor 5 Minuten');
  });
});
