import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { parseTime } from './time.ts';

const two = (value: number) => String(value).padStart(2, '0');

describe('parseTime', () => {
  it('takes every moment that a Date prints, verbatim', () => {
    const moment = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
    fc.assert(
      fc.property(moment, (at) => {
        expect(parseTime(at.toISOString())).toBe(at.toISOString());
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it('knows the calendar: agrees with Date on every day of it', () => {
    const day = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ max: 32, min: 0 }),
    );
    fc.assert(
      fc.property(day, ([year, month, date]) => {
        const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}T00:00:00Z`;
        const at = new Date(text);
        const exists = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text.slice(0, 10));
        if (exists) expect(parseTime(text)).toBe(text);
        else expect(() => parseTime(text)).toThrow(MusterError);
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it.each(['2026-11-21T10:30:00Z', '2026-11-21T10:30:00.123456789012+05:30', '2026-11-21T10:30:00-00:00'])(
    'takes %s',
    (text) => expect(parseTime(text)).toBe(text),
  );

  it.each([
    '',
    '2026-11-21',
    '2026-11-21 10:30:00Z',
    '2026-11-21T10:30:00',
    '2026-11-21t10:30:00z',
    '2026-11-21T1:30:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21T10:30:60Z',
    '2026-11-21T10:30:00,5Z',
    '2026-11-21T10:30:00.Z',
    '2026-11-21T10:30:00+24:00',
    '2026-11-21T10:30:00+0100',
    '2026-11-21T10:30:00Z\n',
    '0000-01-01T00:00:00Z',
    `2026-11-21T10:30:00.${'1'.repeat(60)}Z`,
  ])('refuses %j', (text) => {
    expect(() => parseTime(text, '--since-time')).toThrow(MusterError);
    expect(() => parseTime(text, '--since-time')).toThrow(/^--since-time: /);
  });
});
