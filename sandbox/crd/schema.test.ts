import { describe, expect, it } from 'vitest';
import { brokenRules } from './cel-rules.ts';
import { fillDefaults } from './fill-defaults.ts';
import { readTime } from './formats.ts';
import { readJsonPath } from './json-path.ts';
import { prune } from './prune.ts';
import type { Rule, Schema } from './schema.ts';
import { validatorOf } from './validate.ts';

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer' };
const of = (properties: Record<string, Schema>, more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

describe('pruning', () => {
  it('drops what the schema does not know, and says what', () => {
    const schema = of({
      known: text,
      list: { type: 'array', items: of({ a: text }) },
      labels: { type: 'object', additionalProperties: text },
      open: of({ inner: of({ a: text }) }, { 'x-kubernetes-preserve-unknown-fields': true }),
    });
    const metadata = { name: 'x', labels: { a: 'b' } };
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata,
      known: 'x',
      list: [{ a: 'x', b: 1 }],
      labels: { any: 'x' },
    };
    const open = { other: { x: 1 }, inner: { a: 'x', b: 1 } };
    const { kept, unknown } = prune({ ...object, open, more: 1 }, schema);
    expect(kept).toEqual({ ...object, list: [{ a: 'x' }], open: { other: { x: 1 }, inner: { a: 'x' } } });
    expect(unknown).toEqual(['list[0].b', 'open.inner.b', 'more']);
  });
});

describe('defaults', () => {
  it('are filled in within what is there, and for nulls that may not be', () => {
    const inner = of({ a: { ...text, default: 'x' } });
    const schema = of({
      list: { type: 'array', items: inner },
      whole: { ...inner, default: {} },
      absent: inner,
      never: { ...count, default: 1 },
      may: { ...count, default: 1, nullable: true },
    });
    expect(fillDefaults({ list: [{}, { a: 'y' }], never: null, may: null }, schema)).toEqual({
      list: [{ a: 'x' }, { a: 'y' }],
      whole: { a: 'x' },
      never: 1,
      may: null,
    });
  });
});

describe('validation', () => {
  const causesOf = (schema: Schema, value: unknown) => validatorOf(of({ at: schema }))({ at: value });
  it.each<[string, Schema, unknown, string | undefined]>([
    ['a text for a number', count, 'x', 'FieldValueTypeInvalid'],
    ['half a number', count, 1.5, 'FieldValueTypeInvalid'],
    ['null', text, null, 'FieldValueTypeInvalid'],
    ['null where it may be', { ...text, nullable: true, enum: ['a'] }, null, undefined],
    ['a number for either', { 'x-kubernetes-int-or-string': true }, 1, undefined],
    ['a text for either', { 'x-kubernetes-int-or-string': true }, '1', undefined],
    ['a list for either', { 'x-kubernetes-int-or-string': true }, [], 'FieldValueTypeInvalid'],
    ['none of a few', { ...text, enum: ['a'] }, 'b', 'FieldValueNotSupported'],
    ['too long a text', { ...text, maxLength: 1 }, 'ab', 'FieldValueTooLong'],
    ['a text of one character beyond 16 bits', { ...text, maxLength: 1, pattern: '^.$' }, '\u{1f600}', undefined],
    ['a bound that is excluded', { ...count, minimum: 1, exclusiveMinimum: true }, 1, 'FieldValueInvalid'],
    ['beyond 32 bits', { ...count, format: 'int32' }, 2 ** 31, 'FieldValueInvalid'],
    ['a day that no month has', { ...text, format: 'date-time' }, '2026-02-30T00:00:00Z', 'FieldValueInvalid'],
    ['a leap day', { ...text, format: 'date-time' }, '2024-02-29T23:59:59.123456789+05:30', undefined],
    ['no base64', { ...text, format: 'byte' }, '=', 'FieldValueInvalid'],
    ['a format that nobody knows', { ...text, format: 'colour' }, 'red', undefined],
    ['a pattern that only older engines read', { ...text, pattern: '^a\\-b$' }, 'a-b', undefined],
  ])('judges %s', (_name, schema, value, reason) => {
    expect(causesOf(schema, value).map((cause) => [cause.field, cause.reason])).toEqual(reason ? [['at', reason]] : []);
  });

  it('names the field', () => {
    const schema = of({ list: { type: 'array', items: of({ a: text }, { required: ['a'] }) } });
    expect(validatorOf(schema)({ list: [{ a: 'x' }, {}] })).toMatchObject([
      { reason: 'FieldValueRequired', field: 'list[1].a' },
    ]);
  });
});

describe('rules', () => {
  const broken = (rule: Partial<Rule>, schema: Schema, value: unknown, old?: unknown) =>
    brokenRules({ ...schema, 'x-kubernetes-validations': [{ rule: 'true', ...rule }] }, { value, old, path: 'at' });
  const messages = (...asked: Parameters<typeof broken>) => broken(...asked).map(({ message }) => message);

  it.each<[string, Schema, unknown]>([
    ['self > 1', count, 2],
    ['self.a + self.b == 3', of({ a: count, b: count }), { a: 1, b: 2 }],
    ['self.x__dash__y == 1', of({ 'x-y': count }), { 'x-y': 1 }],
    ['self.__in__ == 1', of({ in: count }), { in: 1 }],
    ["self['x-y'] == 1", { type: 'object', additionalProperties: count }, { 'x-y': 1 }],
    ['self.getFullYear() == 2026', { ...text, format: 'date-time' }, '2026-01-01T00:00:00Z'],
    ["self == duration('90m')", { ...text, format: 'duration' }, '1h30m'],
    ["timestamp(self) < timestamp('2026-01-01T00:00:00Z')", text, '2025-12-31T23:59:59.999999999-00:00'],
    ['!has(self.a)', of({ a: text }), {}],
    ["self.?a.orValue('x') == 'x'", of({ a: text }), {}],
    ["self == 'timestamp(duration(x))'", text, 'timestamp(duration(x))'],
  ])('hold: %s', (rule, schema, value) => {
    expect(broken({ rule }, schema, value)).toEqual([]);
    expect(broken({ rule: `!(${rule})`, reason: 'FieldValueForbidden', fieldPath: '.a' }, schema, value)).toMatchObject(
      [{ field: 'at.a', reason: 'FieldValueForbidden' }],
    );
  });

  it.each([
    ['duration(self)', '9223372036855s'],
    ['duration(self)', '1d'],
    ['timestamp(self)', '2026-02-30T00:00:00Z'],
    ['timestamp(self)', '0000-01-01T00:00:00Z'],
  ])('do not hold where %s cannot be told: %s', (expression, value) => {
    expect(messages({ rule: `${expression} == ${expression}` }, text, value)).toEqual([
      expect.stringContaining('cannot be evaluated'),
    ]);
  });

  it('say what they are told to say', () => {
    expect(messages({ rule: 'false' }, text, 'x')).toEqual(['Invalid value: "string": failed rule: false']);
    const message = 'plainly';
    expect(messages({ rule: 'false', message, messageExpression: "self + '!'" }, text, 'x')).toEqual([
      'Invalid value: "string": x!',
    ]);
    expect(messages({ rule: 'false', message, messageExpression: 'self + 1' }, text, 'x')).toEqual([
      'Invalid value: "string": plainly',
    ]);
  });

  it('about the past are for changes, of items too where keys tell which is which', () => {
    const same = { rule: 'self == oldSelf' };
    expect(messages(same, count, 1)).toEqual([]);
    expect(messages(same, count, 1, 2)).toHaveLength(1);
    const optional = { rule: 'self == oldSelf.orValue(1)', optionalOldSelf: true };
    expect(messages(optional, count, 2)).toHaveLength(1);
    expect(messages(optional, count, 2, 2)).toEqual([]);
    const items = of({ key: text, value: count }, { 'x-kubernetes-validations': [same] });
    const list = (more: Partial<Schema>) => ({ type: 'array', items, ...more });
    const was = [{ key: 'a', value: 1 }];
    const is = [
      { key: 'b', value: 2 },
      { key: 'a', value: 2 },
    ];
    const keyed = list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'] });
    expect(broken({}, keyed, is, was).map(({ field }) => field)).toEqual(['at[1]']);
    expect(broken({}, list({}), is, was)).toEqual([]);
  });
});

describe('JSON paths', () => {
  const object = {
    a: {
      'b.c': 1,
      list: [
        { type: 'x', v: 1 },
        { type: 'y', v: [2, 3] },
      ],
    },
  };
  it.each<[string, unknown]>([
    ['.a.list[1].type', 'y'],
    ['.a.list[-1].v[0]', 2],
    ['.a.list[?(@.type=="y")].v[1]', 3],
    [".a.list[?(@.type!='y')].v", 1],
    ['.a.list[*].type', 'x'],
    [".a['b.c']", 1],
    ['.a.b\\.c', 1],
    ['.a.none.at.all', undefined],
    ['.a.list[7].v', undefined],
  ])('%s', (path, value) => {
    expect(readJsonPath(path)(object)).toEqual(value);
  });
  it('are refused when they cannot be read', () => {
    expect(() => readJsonPath('.a[?(@.x > 1)]')).toThrow('cannot read');
  });
});

it('times are read to the millisecond', () => {
  expect(readTime('2026-11-21T08:00:00.1239Z')?.toISOString()).toBe('2026-11-21T08:00:00.123Z');
  expect(readTime('2026-11-21')).toBeUndefined();
});
