import { restKeys, singularRestKeys } from './flags.ts';
import { invalidInput, quoted } from './refusal.ts';
import { type FieldNames, type Spec, type SpecField, specSchema, validateSpec } from './spec.ts';

// The request of POST /must-gather, as the seed (must-gather-rest-api) and the server that Muster replaces bind it.

/** Keys of a report that only the server sets: a report that was read may be sent back, and nothing comes of them. */
const SERVER_KEYS: ReadonlySet<string> = new Set([
  'id',
  'created-at',
  'updated-at',
  'status',
  'archive-size',
  'archive-name',
  'exec-output',
]);

const fieldByKey: ReadonlyMap<string, SpecField> = new Map([
  ...Object.entries(restKeys).map(([field, key]): [string, SpecField] => [key, field as SpecField]),
  ...Object.entries(singularRestKeys),
  // As a report shows them all.
  ['image-streams', 'imageStreams'],
]);

/**
 * A spec from a JSON body. `null` is an empty one; what is empty (`""`, `null`) counts as left out, since the UIs of the
 * old server send keys without a value. Throws MusterError InvalidInput or ConflictingInput that names the key.
 */
export function specFromJson(body: unknown): Spec {
  if (body !== null && (typeof body !== 'object' || Array.isArray(body))) {
    throw invalidInput('', 'the body must be a JSON object, such as {"image": "…", "timeout": "15m"}');
  }
  return specOf(Object.entries(body ?? {}));
}

/** A spec from the pairs of a form or a query; lists as repeated keys or with commas. Throws as `specFromJson`. */
export function specFromPairs(pairs: Iterable<readonly [string, string]>): Spec {
  const given = new Map<string, string[]>();
  for (const [key, value] of pairs) given.set(key, [...(given.get(key) ?? []), value]);
  return specOf([...given].map(([key, values]) => [key, fromTexts(key, values)]));
}

function specOf(entries: readonly (readonly [string, unknown])[]): Spec {
  const candidate: Partial<Record<SpecField, unknown>> = {};
  const names: Partial<Record<SpecField, string>> = { ...restKeys };
  for (const [key, value] of entries) {
    if (SERVER_KEYS.has(key)) continue;
    const field = fieldByKey.get(key);
    if (field === undefined) throw unknownKey(key);
    if (value === undefined || value === null || value === '') continue;
    const already = candidate[field];
    candidate[field] = isList(field) ? [...asList(already), ...asList(value)] : value;
    // A refusal names the key that was used: `image` and `images` are one field.
    names[field] = already === undefined ? key : (restKeys[field] ?? key);
  }
  return validateSpec(candidate, names satisfies FieldNames).spec;
}

function unknownKey(key: string): Error {
  // `curl -d '{…}'` says that it is a form: all of the JSON arrives as one key.
  if (/^\s*[{[]/.test(key)) {
    return invalidInput('', 'the body looks like JSON but is sent as a form: add -H "Content-Type: application/json"');
  }
  const known = [...fieldByKey.keys()].sort().join(', ');
  return invalidInput(key.slice(0, 100), `there is no such key; known are ${known}`);
}

const isList = (field: SpecField) => specSchema.properties[field].type === 'array';

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function fromTexts(key: string, values: readonly string[]): unknown {
  const field = fieldByKey.get(key);
  if (field === undefined) return values;
  if (isList(field)) return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
  const [value = '', ...others] = values;
  if (others.length > 0) throw invalidInput(key, 'it is given more than once');
  if (value === '') return undefined;
  const { type } = specSchema.properties[field];
  if (type === 'boolean') return booleanOf(key, value);
  return type === 'integer' && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

function booleanOf(key: string, value: string): boolean {
  if (['true', '1'].includes(value)) return true;
  if (['false', '0'].includes(value)) return false;
  throw invalidInput(key, `${quoted(value)}: expected true or false`);
}
