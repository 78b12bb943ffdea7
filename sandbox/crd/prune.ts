import { isRecord } from '../resource.ts';
import { fieldPath, type Schema, schemaOfField } from './schema.ts';

const ofEveryObject = new Set(['apiVersion', 'kind', 'metadata']);

/** `object` without the fields that its schema does not know, and the paths of those. */
export function prune(
  object: Record<string, unknown>,
  schema: Schema,
): { kept: Record<string, unknown>; unknown: string[] } {
  const unknown: string[] = [];
  const kept = pruned(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', unknown);
  return { kept: isRecord(kept) ? kept : {}, unknown };
}

function pruned(value: unknown, schema: Schema, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.map((item, at) => pruned(item, items, `${path}[${at}]`, unknown));
  }
  if (!isRecord(value)) return value;
  const isOpen = keepsUnknown(schema);
  const entries = Object.entries(value).flatMap(([name, child]): [string, unknown][] => {
    const at = fieldPath(path, name);
    if (schema['x-kubernetes-embedded-resource'] && ofEveryObject.has(name)) return [[name, child]];
    const known = schemaOfField(schema, name);
    if (known !== undefined) return [[name, pruned(child, known, at, unknown)]];
    if (isOpen) return [[name, child]];
    unknown.push(at);
    return [];
  });
  return Object.fromEntries(entries);
}

/** Whether an object's undeclared fields stay. What has no type at all is not looked into. */
function keepsUnknown(schema: Schema): boolean {
  const { type, additionalProperties } = schema;
  return schema['x-kubernetes-preserve-unknown-fields'] === true || additionalProperties === true || type === undefined;
}
