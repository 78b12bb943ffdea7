import { fieldAt, isRecord, type Stored } from '../resource.ts';
import type { ContainerSpec, EnvEntry, SandboxPod } from './pod-shape.ts';

/** Reads a ConfigMap's or a Secret's entries, `undefined` where there is none of that name. */
export type ReadEntries = (kind: 'configMap' | 'secret', name: string) => ReadonlyMap<string, Buffer> | undefined;

/** Something that a container needs is not there (yet). */
export class Missing extends Error {}

/** A container's variables, in the order in which Kubernetes lays them over one another; throws `Missing`. */
export function environmentOf(
  pod: SandboxPod,
  container: ContainerSpec,
  { base, read }: { base: Readonly<Record<string, string>>; read: ReadEntries },
): Record<string, string> {
  const values: Record<string, string> = { ...base, ...sourcedVariables(container, read) };
  for (const entry of container.env ?? []) {
    const value = entryValue(pod, entry, values, read);
    if (value !== undefined) values[entry.name] = value;
  }
  return values;
}

function sourcedVariables({ envFrom = [] }: ContainerSpec, read: ReadEntries): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of envFrom) {
    const ref = configMapRef ?? secretRef;
    const kind = configMapRef ? 'configMap' : 'secret';
    const entries = ref && read(kind, ref.name);
    if (ref && entries === undefined && !ref.optional) throw new Missing(`${kind} "${ref.name}" not found`);
    for (const [key, value] of entries ?? []) values[prefix + key] = value.toString();
  }
  return values;
}

function entryValue(pod: SandboxPod, entry: EnvEntry, known: Record<string, string>, read: ReadEntries) {
  const { fieldRef, configMapKeyRef, secretKeyRef } = entry.valueFrom ?? {};
  if (fieldRef) return podField(pod, fieldRef.fieldPath);
  const ref = configMapKeyRef ?? secretKeyRef;
  if (ref === undefined) return expand(entry.value ?? '', known);
  const kind = configMapKeyRef ? 'configMap' : 'secret';
  const value = read(kind, ref.name)?.get(ref.key)?.toString();
  if (value === undefined && !ref.optional) throw new Missing(`key ${ref.key} of ${kind} "${ref.name}" not found`);
  return value;
}

/** A field of the pod as the downward API gives it: `metadata.labels['app']` too. */
export function podField(pod: SandboxPod, path: string): string {
  const keyed = /^(metadata\.(?:labels|annotations))\['(.+)'\]$/.exec(path);
  if (keyed !== null) {
    const values = fieldAt(pod, keyed[1] ?? '');
    return isRecord(values) ? String(values[keyed[2] ?? ''] ?? '') : '';
  }
  const value = fieldAt(pod, path);
  if (!isRecord(value)) return String(value ?? '');
  return Object.entries(value)
    .map(([key, each]) => `${key}=${JSON.stringify(each)}`)
    .join('\n');
}

/** Expands `$(NAME)`; `$$` stands for one `$`, and a name that is not known stays as it is. */
export function expand(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name) => (found === '$$' ? '$' : (known[name] ?? found)));
}

/** The entries of a ConfigMap or Secret as bytes. */
export function entriesOf(object: Stored): ReadonlyMap<string, Buffer> {
  const entries = new Map<string, Buffer>();
  const isSecret = object.kind === 'Secret';
  const add = (field: unknown, encoding: BufferEncoding) => {
    if (isRecord(field))
      for (const [key, value] of Object.entries(field)) entries.set(key, Buffer.from(String(value), encoding));
  };
  add(object.data, isSecret ? 'base64' : 'utf8');
  add(object.binaryData, 'base64');
  return entries;
}
