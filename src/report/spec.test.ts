import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { flagNames } from './flags.ts';
import { type SpecField, specDefaults, specSchema, validateSpec } from './spec.ts';
import { specCases } from './spec-cases.ts';

function refusalOf(input: unknown, names = {}): MusterError | undefined {
  try {
    validateSpec(input, names);
    return undefined;
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
}

describe('validateSpec', () => {
  it.each(specCases)('judges $name', ({ spec, refused }) => {
    const refusal = refusalOf(spec);
    expect(refusal?.code).toBe(refused?.code);
    if (refused !== undefined) expect(refusal?.message).toContain(`spec.${refused.field}`);
    expect(refusal?.message ?? '').not.toContain('\n');
  });

  it('fills in the defaults, anew each time', () => {
    const { spec } = validateSpec({});
    expect(spec).toEqual({
      images: [],
      imageStreams: [],
      components: [],
      allImages: false,
      hostNetwork: false,
      keepNamespace: false,
      sourceDir: '/must-gather',
      timeout: '10m0s',
      volumePercentage: 70,
      cancel: false,
    });
    spec.images.push('a');
    expect(validateSpec({}).spec.images).toEqual([]);
    expect(validateSpec({ ...specDefaults }).spec).toEqual(validateSpec({ images: undefined, since: null }).spec);
  });

  it('hands back durations and folder in canonical form, and the rest as written', () => {
    const time = '2026-01-01T00:00:00.10+01:00';
    const { spec } = validateSpec({ timeout: '90m', deleteAfter: '48h', sourceDir: '/a//b/./', sinceTime: time });
    expect(spec).toMatchObject({ timeout: '1h30m0s', deleteAfter: '48h0m0s', sourceDir: '/a/b', sinceTime: time });
    expect(validateSpec({ since: '90m' }).spec.since).toBe('1h30m0s');
    expect(validateSpec(spec).spec).toEqual(spec);
  });

  it('names fields as the asker does', () => {
    expect(refusalOf({ since: '1d' }, flagNames)?.message).toBe('--since: "1d": d is no unit; use hours: 24h');
    expect(refusalOf({ since: '1h', sinceTime: 'x' }, flagNames)?.message).toBe(
      '--since and --since-time exclude each other',
    );
    expect(refusalOf({ images: ['a', 'B/C'] })?.field).toBe('spec.images[1]');
    expect(refusalOf({ volumePercentage: 0 }, flagNames)?.message).toBe(
      '--volume-percentage: expected a whole number from 1 to 100',
    );
  });

  it('refuses what no API server can see from afar: a selector that does not parse', () => {
    expect(refusalOf({ nodeSelector: 'a in b' })?.field).toBe('spec.nodeSelector');
  });

  it('throws nothing but MusterError, and takes what it gave', () => {
    const fields = Object.keys(specSchema.properties) as SpecField[];
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1h', '/a', 'a', 'never', 'a/b', 'a=b', 'https://a'),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.anything({ withBigInt: true, withNullPrototype: true }),
    );
    const input = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 4 }));
    fc.assert(
      fc.property(input, (candidate) => {
        if (refusalOf(candidate) !== undefined) return;
        const { spec } = validateSpec(candidate);
        expect(validateSpec(spec).spec).toEqual(spec);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('is not led astray by inherited names', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(refusalOf(JSON.parse(`{"${name}": "x"}`))?.code).toBe('InvalidInput');
    }
  });
});
