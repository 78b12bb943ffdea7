import { isDeepStrictEqual } from 'node:util';
import type { Api, Call } from './api.ts';
import { keyOfItem, type ListRules, listRulesOf } from './list-merging.ts';
import { contested, dropFields, type Fields, fieldsAt, fieldsOf, pathText, without } from './managed-fields.ts';
import type { Target } from './objects.ts';
import { isUnsafeKey } from './patch.ts';
import { apiVersionOf, isRecord, type Stored, timestampOf } from './resource.ts';
import { badRequest, Refusal } from './status.ts';

type World = Pick<Api, 'store' | 'objects'>;

/** An entry of `metadata.managedFields`. The sandbox writes those of appliers only. */
type Entry = {
  readonly manager: string;
  readonly operation: 'Apply';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Fields;
  readonly subresource?: string;
};

/** As the real one refuses it: it is the options of the patch that are invalid, not an object. */
function managerMissing(): Refusal {
  const cause = { reason: 'FieldValueRequired', message: 'is required for apply patch', field: 'fieldManager' };
  const details = { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [cause] };
  return new Refusal(422, 'Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value', details);
}

/**
 * Server-side apply: makes the object, or sets the fields of the body and removes those that its manager applied before
 * and names no more. Throws a 422 without `fieldManager`, and a 409 for fields of another applier unless forced.
 */
export function applyObject(
  { store, objects }: World,
  call: Call,
  now = new Date(),
): { object: Stored; isNew: boolean } {
  const { target, query } = call;
  const { resource, name } = target;
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') throw managerMissing();
  const applied = appliedFields(target, call.body);
  const rules = listRulesOf(resource);
  const entry: Entry = {
    manager,
    operation: 'Apply',
    apiVersion: apiVersionOf(resource),
    time: timestampOf(now),
    fieldsType: 'FieldsV1',
    fieldsV1: ownedFields(applied, rules),
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
  };
  const current = store.get(resource, target.namespace, name);
  if (current === undefined && target.subresource === undefined) {
    const made = { ...applied, metadata: { ...metadataOf(applied), name, managedFields: [entry] } };
    return { object: objects.create(target, made), isNew: true };
  }
  const found = objects.get(target);
  const entries = entriesOf(found);
  const own = entries.find((each) => isOfSame(each, entry));
  const others = settled(
    target,
    entries.filter((each) => each !== own),
    { entry, found, applied, isForced: query.get('force') === 'true' },
  );
  const given =
    own === undefined
      ? {}
      : without(
          own.fieldsV1,
          [entry, ...others].map(({ fieldsV1 }) => fieldsV1),
        );
  const left = Object.keys(given).length === 0 ? found : dropFields(found, given);
  const merged = merge(left, applied, rules, []);
  const wanted = isRecord(merged) ? merged : {};
  const kept = own !== undefined && isDeepStrictEqual({ ...own, time: entry.time }, entry) ? own : entry;
  const metadata = { ...metadataOf(wanted), managedFields: [...others, kept] };
  return { object: objects.replace(target, { ...wanted, metadata }), isNew: false };
}

const metadataOf = (object: Record<string, unknown>) => (isRecord(object.metadata) ? object.metadata : {});
const isOfSame = (one: Entry, other: Entry) => one.manager === other.manager && one.subresource === other.subresource;

function appliedFields({ resource, subresource }: Target, body: unknown): Record<string, unknown> {
  if (!isRecord(body)) throw badRequest('what is applied is an object');
  if (body.apiVersion === undefined || body.kind === undefined) throw badRequest('apiVersion and kind must be set');
  if (metadataOf(body).managedFields) throw badRequest('metadata.managedFields must be nil');
  if (subresource === 'status') {
    const { apiVersion, kind, metadata, status } = body;
    return { apiVersion, kind, ...(metadata ? { metadata } : {}), ...(status ? { status } : {}) };
  }
  if (!resource.hasStatus) return body;
  const { status: _apart, ...rest } = body;
  return rest;
}

/** What the body says of the object itself, without what only names it. */
function ownedFields(applied: Record<string, unknown>, rules: ListRules): Fields {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = applied;
  const { labels, annotations, finalizers, ownerReferences } = metadataOf(applied);
  const named = Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(([, value]) => value);
  return fieldsOf({ ...rest, ...(named.length > 0 ? { metadata: Object.fromEntries(named) } : {}) }, rules);
}

function entriesOf({ metadata }: Stored): Entry[] {
  const isEntry = (value: unknown): value is Entry =>
    isRecord(value) && value.operation === 'Apply' && isRecord(value.fieldsV1) && typeof value.manager === 'string';
  return (metadata.managedFields ?? []).filter(isEntry);
}

type Claim = { entry: Entry; found: Stored; applied: Record<string, unknown>; isForced: boolean };

/** The other managers with what stays theirs; throws a 409 where fields are contested and nothing forces it. */
function settled({ resource, name }: Target, others: readonly Entry[], claim: Claim): Entry[] {
  const { entry, found, applied, isForced } = claim;
  const conflicts = others.map((other) => contested(entry.fieldsV1, other.fieldsV1, found, applied));
  if (!isForced && conflicts.some((paths) => paths.length > 0)) {
    const causes = conflicts.flatMap((paths, at) =>
      paths.map((path) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${others[at]?.manager}"`,
        field: pathText(path),
      })),
    );
    const words = causes.map(({ message, field }) => `${message}: ${field}`).join(', ');
    const details = { name, group: resource.group, kind: resource.plural, causes };
    throw new Refusal(409, 'Conflict', `Apply failed with ${causes.length} conflict(s): ${words}`, details);
  }
  return others.flatMap((other, at) => {
    const fieldsV1 = without(other.fieldsV1, (conflicts[at] ?? []).map(fieldsAt));
    return Object.keys(fieldsV1).length === 0 ? [] : [{ ...other, fieldsV1 }];
  });
}

function merge(target: unknown, applied: unknown, rules: ListRules, path: readonly string[]): unknown {
  if (isRecord(applied)) {
    const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(applied)) {
      if (!isUnsafeKey(key)) merged[key] = merge(merged[key], value, rules, [...path, key]);
    }
    return merged;
  }
  return Array.isArray(applied) && Array.isArray(target) ? mergeList(target, applied, rules, path) : applied;
}

function mergeList(target: readonly unknown[], applied: readonly unknown[], rules: ListRules, path: readonly string[]) {
  const rule = rules(path);
  if (rule === 'atomic') return applied;
  if (rule === 'set') return [...new Set([...target, ...applied])];
  const items: unknown[] = [...target];
  for (const item of applied) {
    const key = keyOfItem(item, rule);
    const at = items.findIndex((each) => keyOfItem(each, rule) === key);
    if (at < 0) items.push(item);
    else items[at] = merge(items[at], item, rules, path);
  }
  return items;
}
