import { isRecord, type Resource } from './resource.ts';

/** How a list is changed in parts: as a whole, as a set of values, or item by item under the value of these keys. */
export type ListRule = 'atomic' | 'set' | readonly string[];

/** The rule of the list at `path`, the names of its fields without places in lists: `spec`, `containers`, `env`. */
export type ListRules = (path: readonly string[]) => ListRule;

// As the built-in types mark them (patchMergeKey, listMapKey). They differ by place for ports only.
const builtIn: Readonly<Record<string, ListRule>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  conditions: ['type'],
  addresses: ['type'],
  ownerReferences: ['uid'],
  finalizers: 'set',
};

const ofBuiltIn: ListRules = (path) => {
  const name = path.at(-1) ?? '';
  if (name === 'ports') return path.at(-2)?.toLowerCase().endsWith('containers') ? ['containerPort'] : ['port'];
  return Object.hasOwn(builtIn, name) ? (builtIn[name] ?? 'atomic') : 'atomic';
};

/** The rules of a kind; those of metadata are the same for all. */
export function listRulesOf({ listRules }: Resource): ListRules {
  if (listRules === undefined) return ofBuiltIn;
  return (path) => (path[0] === 'metadata' ? ofBuiltIn(path) : listRules(path));
}

/** What tells an item of a list from the others; `undefined` for one without such a key. */
export function keyOfItem(item: unknown, keys: readonly string[]): string | undefined {
  if (!isRecord(item) || keys.some((key) => item[key] === undefined)) return undefined;
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key]])));
}
