import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, formatDuration, parseDuration, parsePositiveDuration, parseTimeoutFlag } from './duration.ts';
import { MusterError } from './errors.ts';

const MOST = (1n << 63n) - 1n;

/** What Go 1.x's ParseDuration and Duration.String answer, as a Go program printed them. */
const fromGo: readonly (readonly [string, bigint, string])[] = [
  ['0', 0n, '0s'],
  ['-0', 0n, '0s'],
  ['90m', 5_400_000_000_000n, '1h30m0s'],
  ['2m', 120_000_000_000n, '2m0s'],
  ['1.5s', 1_500_000_000n, '1.5s'],
  ['100ms', 100_000_000n, '100ms'],
  ['1h', 3_600_000_000_000n, '1h0m0s'],
  ['.5h', 1_800_000_000_000n, '30m0s'],
  ['1.s', 1_000_000_000n, '1s'],
  ['1s1h1s', 3_602_000_000_000n, '1h0m2s'],
  ['+5us', 5_000n, '5\u00b5s'],
  ['1.5\u00b5s', 1_500n, '1.5\u00b5s'],
  ['1.5\u03bcs', 1_500n, '1.5\u00b5s'],
  ['-1.23456789ms', -1_234_567n, '-1.234567ms'],
  ['0.1h', 360_000_000_000n, '6m0s'],
  ['9223372036854775807ns', MOST, '2562047h47m16.854775807s'],
  ['-9223372036854775808ns', -MOST - 1n, '-2562047h47m16.854775808s'],
];

describe('parseDuration', () => {
  it.each(fromGo)('reads %s as Go does', (text, ns, canonical) => {
    expect(parseDuration(text)).toBe(ns);
    expect(formatDuration(ns)).toBe(canonical);
  });

  it.each([
    ['', 'empty'],
    ['1', 'a unit is missing'],
    ['1d', 'd is no unit; use hours: 24h'],
    ['2w', 'w is no unit; use hours: 336h'],
    ['1.5d', 'd is no unit; use hours'],
    ['1M', '"M" is no unit'],
    ['h', 'a number is expected'],
    ['.s', 'a number is expected'],
    ['-', 'no number'],
    ['1h-2m', '"h-" is no unit'],
    ['1 h', '" h" is no unit'],
    ['--1h', 'a number is expected'],
    ['9223372036854775808ns', '292 years'],
    ['-9223372036854775809ns', '292 years'],
    ['2562048h', '292 years'],
    ['2562047h1h', '292 years'],
    [`${'9'.repeat(70)}h`, 'longer than 64'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parseDuration(text, '--since')).toThrow(why);
    expect(() => parseDuration(text, '--since')).toThrow(/^--since: /);
  });

  it('reads back what it prints, for every int64', () => {
    const edge = fc.constantFrom(0n, 1n, 999n, 1_000n, 999_999n, 1_000_000n, 999_999_999n, 1_000_000_000n, MOST);
    const ns = fc.oneof(edge, fc.bigInt(-MOST - 1n, MOST), fc.bigInt(-10_000_000_000n, 10_000_000_000n));
    fc.assert(
      fc.property(ns, (value) => {
        const text = formatDuration(value);
        expect(parseDuration(text)).toBe(value);
        expect(formatDuration(parseDuration(text))).toBe(text);
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('adds up whole parts, in any order and number', () => {
    const units = [
      ['h', 3_600_000_000_000n],
      ['m', 60_000_000_000n],
      ['s', 1_000_000_000n],
      ['ms', 1_000_000n],
      ['us', 1_000n],
      ['ns', 1n],
    ] as const;
    const part = fc.tuple(fc.nat(9999), fc.constantFrom(...units));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.boolean(), (parts, negative) => {
        const text = (negative ? '-' : '') + parts.map(([count, [unit]]) => `${count}${unit}`).join('');
        const sum = parts.reduce((total, [count, [, ns]]) => total + BigInt(count) * ns, 0n);
        expect(parseDuration(text)).toBe(negative ? -sum : sum);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('throws nothing but MusterError', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789.+-nsumh\u00b5\u03bcde ') });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        try {
          expect(typeof parseDuration(text)).toBe('bigint');
        } catch (error) {
          expect(error).toBeInstanceOf(MusterError);
        }
      }),
      { numRuns: 5000, seed: 3 },
    );
  });
});

describe('durationMs', () => {
  it('rounds up, so that what is above 0 stays so', () => {
    expect(durationMs('1ns')).toBe(1);
    expect(durationMs('1.5s')).toBe(1500);
    expect(durationMs('1000001ns')).toBe(2);
    expect(durationMs('0s')).toBe(0);
    expect(durationMs('-1.5ms')).toBe(-1);
  });
});

describe('parsePositiveDuration', () => {
  it('refuses 0 and below', () => {
    expect(parsePositiveDuration('1ns')).toBe(1n);
    for (const text of ['0', '0s', '-1h']) expect(() => parsePositiveDuration(text)).toThrow('longer than 0');
  });
});

describe('parseTimeoutFlag', () => {
  it('takes a duration without a word', () => {
    expect(parseTimeoutFlag('90m')).toEqual({ timeout: '1h30m0s' });
  });

  it.each([
    ['600', '10m0s'],
    ['0x3c', '1m0s'],
    ['010', '8s'],
    ['0o10', '8s'],
    ['0b11', '3s'],
    ['+5', '5s'],
  ])('takes %s as seconds, with a note', (text, timeout) => {
    const parsed = parseTimeoutFlag(text);
    expect(parsed.timeout).toBe(timeout);
    expect(parsed.note).toBe(`--timeout=${text}: a number without a unit is deprecated; write ${timeout}`);
  });

  it.each([
    ['0', 'longer than 0'],
    ['0s', 'longer than 0'],
    ['-5', 'longer than 0'],
    ['-5m', 'longer than 0'],
    ['1d', 'use hours: 24h'],
    ['', 'empty'],
    ['ten', 'a number is expected'],
    ['9223372037', '292 years'],
    ['9'.repeat(50), '292 years'],
    ['1_000', 'is no unit'],
  ])('refuses %j', (text, why) => {
    expect(() => parseTimeoutFlag(text)).toThrow(why);
    expect(() => parseTimeoutFlag(text)).toThrow(/^--timeout: /);
  });
});
