import { isDeepStrictEqual } from 'node:util';
import type { Api } from '../api.ts';
import { configMaps } from '../kinds/config-map.ts';
import { namespaces } from '../kinds/namespace.ts';
import { serviceAccounts } from '../kinds/service-account.ts';
import type { Resource, Stored } from '../resource.ts';

type World = Pick<Api, 'store' | 'objects'>;

/** What `kube-root-ca.crt` is called, in every namespace. */
export const ROOT_CA_NAME = 'kube-root-ca.crt';

/**
 * Gives each namespace its account `default` and the authority's certificate, and puts them back when they are removed
 * or the certificate is changed. Returns what ends it.
 */
export function followNamespaces(world: World, caPem: string): () => void {
  const { store } = world;
  let timer: NodeJS.Immediate | undefined;
  const settle = () => {
    timer = undefined;
    for (const [, namespace] of store.snapshot(namespaces)) furnish(world, namespace, caPem);
  };
  settle();
  const unsubscribe = store.subscribe(({ resource, object, previous }) => {
    // At once, so that a pod can follow its namespace without a wait.
    if (resource === namespaces && object !== undefined && previous === undefined) furnish(world, object, caPem);
    else if (isTouched(resource, object, previous)) {
      // Later, since other listeners have not heard of this change yet.
      timer ??= setImmediate(settle);
    }
  });
  return () => {
    unsubscribe();
    clearImmediate(timer);
  };
}

function isTouched(resource: Resource, object: Stored | undefined, previous: Stored | undefined): boolean {
  const name = (object ?? previous)?.metadata.name;
  if (resource === configMaps) return name === ROOT_CA_NAME;
  return resource === serviceAccounts && name === 'default' && object === undefined;
}

function furnish({ store, objects }: World, { metadata }: Stored, caPem: string): void {
  const { name: namespace = '', deletionTimestamp } = metadata;
  if (deletionTimestamp !== undefined) return;
  if (store.get(serviceAccounts, namespace, 'default') === undefined)
    objects.create({ resource: serviceAccounts, namespace, name: '' }, { metadata: { name: 'default' } });
  const data = { 'ca.crt': `${caPem.trimEnd()}\n` };
  const found = store.get(configMaps, namespace, ROOT_CA_NAME);
  const target = { resource: configMaps, namespace, name: '' };
  if (found === undefined) objects.create(target, { metadata: { name: ROOT_CA_NAME }, data });
  else if (found.metadata.deletionTimestamp === undefined && !isDeepStrictEqual(found.data, data))
    objects.replace({ ...target, name: ROOT_CA_NAME }, { ...found, data });
}
