import { isDeepStrictEqual } from 'node:util';
import { keyOfItem, type ListRules } from './list-merging.ts';
import { isUnsafeKey } from './patch.ts';
import { isRecord } from './resource.ts';
import { badRequest } from './status.ts';

type Fields = Record<string, unknown>;

/**
 * A strategic merge patch: as a merge patch, but lists that have a merge key change item by item, and directives
 * (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`) say more. Changes neither argument.
 */
export function strategicMerge(target: unknown, patch: Fields, rules: ListRules, path: readonly string[] = []): Fields {
  const { $patch: directive, ...rest } = patch;
  if (directive === 'replace') return withoutDirectives(rest);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`unknown $patch ${String(directive)}`);
  const merged: Fields = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(rest)) {
    if (isUnsafeKey(key) || key.startsWith('$')) continue;
    if (value === null || (isRecord(value) && value.$patch === 'delete')) delete merged[key];
    else merged[key] = mergedValue(merged[key], value, rules, [...path, key]);
  }
  return directed(merged, rest, rules, path);
}

function mergedValue(target: unknown, value: unknown, rules: ListRules, path: readonly string[]): unknown {
  if (isRecord(value)) return strategicMerge(target, value, rules, path);
  return Array.isArray(value) ? mergedList(Array.isArray(target) ? target : [], value, rules, path) : value;
}

function mergedList(target: readonly unknown[], patch: readonly unknown[], rules: ListRules, path: readonly string[]) {
  const rule = rules(path);
  if (rule === 'atomic') return patch;
  if (rule === 'set')
    return [...target, ...patch.filter((value) => !target.some((has) => isDeepStrictEqual(has, value)))];
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace'))
    return patch.filter((item) => !isRecord(item) || item.$patch !== 'replace');
  const merged = [...target];
  for (const item of patch) {
    const key = keyOfItem(item, rule);
    if (!isRecord(item) || key === undefined)
      throw badRequest(`an item of ${path.join('.')} has no ${rule.join(', ')}`);
    const at = merged.findIndex((each) => keyOfItem(each, rule) === key);
    if (item.$patch === 'delete') merged.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) merged.push(strategicMerge({}, item, rules, path));
    else merged[at] = strategicMerge(merged[at], item, rules, path);
  }
  return merged;
}

/** What the directives beside the fields ask for. */
function directed(merged: Fields, patch: Fields, rules: ListRules, path: readonly string[]): Fields {
  const { $retainKeys: retained } = patch;
  const kept = Object.entries(merged).filter(([key]) => !Array.isArray(retained) || retained.includes(key));
  const entries = kept.map(([field, value]) => {
    if (!Array.isArray(value)) return [field, value];
    const gone = listIn(patch, `$deleteFromPrimitiveList/${field}`);
    const left = gone ? value.filter((item) => !gone.includes(item)) : value;
    const order = listIn(patch, `$setElementOrder/${field}`);
    return [field, order ? ordered(left, order, rules([...path, field])) : left];
  });
  return Object.fromEntries(entries);
}

function listIn(patch: Fields, directive: string): readonly unknown[] | undefined {
  const list = patch[directive];
  return Array.isArray(list) ? list : undefined;
}

/** Items that the order does not name come last. */
function ordered(list: readonly unknown[], order: readonly unknown[], rule: ReturnType<ListRules>): unknown[] {
  const keyOf = (item: unknown) => (typeof rule === 'string' ? JSON.stringify(item) : keyOfItem(item, rule));
  const places = new Map(order.map((item, place) => [keyOf(item), place]));
  const placeOf = (item: unknown) => places.get(keyOf(item)) ?? Number.POSITIVE_INFINITY;
  return list.toSorted((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}

function withoutDirectives(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !key.startsWith('$')));
}
