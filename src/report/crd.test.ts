import { describe, expect, it } from 'vitest';
import { mustGatherReportCrd } from './crd.ts';
import { specRules } from './crd-rules.ts';
import { CHANGEABLE, CONFLICTS, specSchema } from './spec.ts';

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  default?: unknown;
  maxLength?: number;
  maxItems?: number;
  enum?: string[];
  pattern?: string;
};

/** Every value in the schema, with its path. */
function* walk(schema: Schema, at: string): Generator<[string, Schema]> {
  yield [at, schema];
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, `${at}.${name}`);
  if (schema.items !== undefined) yield* walk(schema.items, `${at}[]`);
}

function schemaOf(): Schema {
  const { versions } = JSON.parse(JSON.stringify(mustGatherReportCrd().spec));
  return versions[0].schema.openAPIV3Schema;
}

describe('mustGatherReportCrd', () => {
  it('gives every value a type, and every text and list of Muster a bound: the cost of its rules depends on them', () => {
    for (const [at, schema] of walk(schemaOf(), '')) {
      expect(schema.type, at).toMatch(/^(object|array|string|integer|boolean)$/);
      if (!/^\.(spec|status)/.test(at)) continue;
      if (schema.type === 'array') expect(schema.maxItems, at).toBeGreaterThan(0);
      const bounded = schema.maxLength ?? schema.enum ?? schema.pattern;
      if (schema.type === 'string') expect(bounded, at).toBeDefined();
    }
  });

  it('requires nothing that has a default, and has every field of the spec', () => {
    const { spec } = schemaOf().properties ?? {};
    expect(Object.keys(spec?.properties ?? {})).toEqual(Object.keys(specSchema.properties));
    expect(spec?.required).toBeUndefined();
    expect(spec?.default).toMatchObject({ timeout: '10m0s', volumePercentage: 70 });
  });

  it('has a rule for each pair that clashes, for each field that stays, and for cancel', () => {
    const stay = Object.keys(specSchema.properties).length - CHANGEABLE.size;
    const rules = specRules();
    expect(rules).toHaveLength(CONFLICTS.length + stay + 1);
    expect(new Set(rules.map(({ message }) => message)).size).toBe(rules.length);
  });

  it('is plain data: the same on every call, and shared with none', () => {
    const one = mustGatherReportCrd();
    expect(JSON.stringify(one)).toBe(JSON.stringify(mustGatherReportCrd()));
    expect(JSON.stringify(one)).not.toContain('undefined');
  });
});
