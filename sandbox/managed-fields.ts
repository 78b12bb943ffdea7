import { isDeepStrictEqual } from 'node:util';
import { keyOfItem, type ListRules } from './list-merging.ts';
import { isRecord } from './resource.ts';
import { badRequest } from './status.ts';

/**
 * Which fields somebody set, as `FieldsV1` writes it: `f:NAME` for a field, `k:{KEYS}` for an item of a list that goes
 * by keys, `v:VALUE` for one of a set, `.` for the item itself. One without children is owned as a whole.
 */
export type Fields = { [segment: string]: Fields };

/** Segments from the root to one field. */
export type FieldPath = readonly string[];

/** All fields that `value` sets. Throws a 400 for an item without the key that its list goes by. */
export function fieldsOf(value: unknown, rules: ListRules, path: readonly string[] = []): Fields {
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, child]) => [`f:${key}`, fieldsOf(child, rules, [...path, key])]);
    return Object.fromEntries(entries);
  }
  const rule = rules(path);
  if (!Array.isArray(value) || rule === 'atomic') return {};
  if (rule === 'set') return Object.fromEntries(value.map((item) => [`v:${JSON.stringify(item)}`, {}]));
  const items = value.map((item) => {
    const key = keyOfItem(item, rule);
    if (key === undefined) throw badRequest(`an item of ${path.join('.')} has no ${rule.join(', ')}`);
    return [`k:${key}`, { '.': {}, ...fieldsOf(item, rules, path) }];
  });
  return Object.fromEntries(items);
}

const isWhole = (fields: Fields) => Object.keys(fields).length === 0;

/** What is in `fields` and in none of `others`. */
export function without(fields: Fields, others: readonly Fields[]): Fields {
  const left: Fields = {};
  for (const [segment, child] of Object.entries(fields)) {
    const same = others.flatMap((other) => other[segment] ?? []);
    if (same.length === 0) left[segment] = child;
    else if (!isWhole(child)) {
      const below = without(child, same);
      if (!isWhole(below)) left[segment] = below;
    }
  }
  return left;
}

/** `value` without these fields, and without what is empty for lack of them; `undefined` where nothing is left. */
export function dropFields(value: unknown, fields: Fields): unknown {
  if (isWhole(fields)) return undefined;
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, child]) => {
      const gone = fields[`f:${key}`];
      return [key, gone === undefined ? child : dropFields(child, gone)] as const;
    });
    const left = entries.filter(([, child]) => child !== undefined);
    return left.length === 0 ? undefined : Object.fromEntries(left);
  }
  if (!Array.isArray(value)) return value;
  const items = value.flatMap((item) => {
    const gone = Object.entries(fields).find(([segment]) => isItem(item, segment))?.[1];
    if (gone === undefined) return [item];
    return isWhole(gone) || gone['.'] !== undefined ? [] : (dropFields(item, gone) ?? []);
  });
  return items.length === 0 ? undefined : items;
}

function isItem(item: unknown, segment: string): boolean {
  const wanted: unknown = JSON.parse(segment.slice(2));
  if (segment.startsWith('v:')) return isDeepStrictEqual(item, wanted);
  return isRecord(wanted) && keyOfItem(item, Object.keys(wanted)) === segment.slice(2);
}

/** The value at one segment of a path. */
function below(value: unknown, segment: string): unknown {
  if (segment.startsWith('f:')) return isRecord(value) ? value[segment.slice(2)] : undefined;
  return Array.isArray(value) ? value.find((item) => isItem(item, segment)) : undefined;
}

/** The fields of both `mine` and `theirs` that `wanted` would change. */
export function contested(mine: Fields, theirs: Fields, current: unknown, wanted: unknown): FieldPath[] {
  return Object.entries(mine).flatMap(([segment, child]): FieldPath[] => {
    const other = theirs[segment];
    if (other === undefined || segment === '.') return [];
    const [is, becomes] = [below(current, segment), below(wanted, segment)];
    if (!isWhole(child)) return contested(child, other, is, becomes).map((path) => [segment, ...path]);
    return !isWhole(other) || isDeepStrictEqual(is, becomes) ? [] : [[segment]];
  });
}

/** One path as fields, to take it away from somebody. */
export function fieldsAt(path: FieldPath): Fields {
  return path.reduceRight<Fields>((inner, segment) => ({ [segment]: inner }), {});
}

/** A path as people read it: `.data.a`, `.spec.containers[name="web"].image`. */
export function pathText(path: FieldPath): string {
  return path.map(segmentText).join('');
}

function segmentText(segment: string): string {
  if (segment.startsWith('f:')) return `.${segment.slice(2)}`;
  const value: unknown = JSON.parse(segment.slice(2));
  if (segment.startsWith('v:') || !isRecord(value)) return `[${segment.slice(2)}]`;
  return `[${Object.entries(value).map(([key, of]) => `${key}=${JSON.stringify(of)}`)}]`;
}
