import { isRecord } from '../resource.ts';
import { type Schema, schemaOfField } from './schema.ts';

/** `value` with the schema's defaults for what it leaves out; a null that may not be one counts as left out. */
export function fillDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => fillDefaults(item, schema.items ?? {}));
  if (!isRecord(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const isMissing = filled[name] === undefined || (filled[name] === null && child.nullable !== true);
    if (isMissing && child.default !== undefined) filled[name] = structuredClone(child.default);
  }
  const entries = Object.entries(filled).map(([name, child]) => [
    name,
    fillDefaults(child, schemaOfField(schema, name) ?? {}),
  ]);
  return Object.fromEntries(entries);
}
