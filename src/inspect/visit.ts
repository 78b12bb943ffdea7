import type { ServedResource } from '../kube/discovery.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Pod, UnknownObject } from '../kube/kinds.ts';
import { messageOf } from '../report/errors.ts';
import { eventRow } from './event-rows.ts';
import type { Inspector } from './inspector.ts';
import { logJobs, podBrief } from './pod-logs.ts';
import { redacted } from './redact.ts';
import { type Reference, relatedTo } from './related.ts';
import { referredResource, resourcesOf } from './targets.ts';
import { treePath } from './tree.ts';
import { yamlDocument, yamlList } from './yaml-text.ts';

/** What oc dumps of a namespace besides the category `all` (reference, oc §2.12). */
const namespaceTypes: readonly string[] = [
  'configmaps',
  'egressfirewalls',
  'egressqoses',
  'events',
  'endpoints',
  'endpointslices',
  'networkpolicies',
  'persistentvolumeclaims',
  'poddisruptionbudgets',
  'secrets',
  'servicemonitors',
  'userdefinednetworks',
  'ingresses.networking.k8s.io',
];

/** Asks for every object of a type, and visits each; one list instead of a request per object. Asks only once. */
export function addAll(inspector: Inspector, resource: ServedResource, namespace?: string): void {
  const { kube, signal, tree, pool } = inspector;
  if (!tree.claim(`all ${resource.plural}.${resource.group} of ${namespace ?? 'the cluster'}`)) return;
  pool.add(async () => {
    for await (const object of kube.list<UnknownObject>(resource, {
      namespace,
      signal,
      pageSize: pageSizeOf(resource),
    })) {
      const { name = '', namespace: home } = object.metadata;
      if (claims(inspector, resource, name, home)) await visit(inspector, resource, object);
    }
  });
}

/** Whether an object is yet to be visited. A name that no file can have costs this object only. */
function claims({ tree, fail }: Inspector, resource: ServedResource, name: string, namespace: string | undefined) {
  try {
    return tree.claim(pathOf(resource, name, namespace));
  } catch (error) {
    fail(messageOf(error));
    return false;
  }
}

/** Asks for one object and visits it. `isOptional`: that it is not there is worth a note only. */
export function addOne(
  inspector: Inspector,
  resource: ServedResource,
  name: string,
  namespace: string | undefined,
  isOptional = false,
): void {
  const { kube, signal, pool, note } = inspector;
  if (!claims(inspector, resource, name, namespace)) return;
  pool.add(async () => {
    try {
      await visit(inspector, resource, await kube.get<UnknownObject>(resource, name, { namespace, signal }));
    } catch (error) {
      if (!isOptional || !isNotFound(error)) throw error;
      note(`not there: ${resource.plural}/${name}${namespace === undefined ? '' : ` in namespace ${namespace}`}`);
    }
  });
}

/** A whole namespace. `isOptional` as for `addOne`. */
export function addNamespace(inspector: Inspector, name: string, isOptional = false): void {
  const resource = referredResource(inspector.discovery, '', 'namespaces');
  if (resource === undefined) inspector.fail('the cluster serves no namespaces');
  else addOne(inspector, resource, name, undefined, isOptional);
}

/** Writes a claimed object and adds jobs for all that hangs on it. */
async function visit(inspector: Inspector, resource: ServedResource, object: UnknownObject): Promise<void> {
  const name = object.metadata.name ?? '';
  const { namespace } = object.metadata;
  const path = pathOf(resource, name, namespace);
  await inspector.tree.write(path, [yamlDocument(redacted(resource.group, resource.plural, object))]);
  const groupResource = `${resource.plural}.${resource.group}`;
  if (groupResource === 'namespaces.') addNamespaceContent(inspector, name);
  if (groupResource === 'pods.') logJobs(inspector, podBrief(object as UnknownObject & Pod));
  if (groupResource === 'clusteroperators.config.openshift.io') addOperatorContext(inspector);
  for (const reference of relatedTo(groupResource, object)) follow(inspector, reference);
}

function follow(inspector: Inspector, reference: Reference): void {
  const { group, resource: type, name, namespace } = reference;
  const resource = referredResource(inspector.discovery, group, type);
  if (resource === undefined) {
    inspector.note(`not served here: ${type}${group === '' ? '' : `.${group}`}`);
    return;
  }
  const scope = resource.namespaced ? namespace : undefined;
  if (name === '') addAll(inspector, resource, scope);
  else if (resource.namespaced && scope === undefined) inspector.note(`no namespace is given for ${type}/${name}`);
  else addOne(inspector, resource, name, scope, true);
}

function addNamespaceContent(inspector: Inspector, namespace: string): void {
  const { discovery, note } = inspector;
  const wanted = new Map(resourcesOf(discovery, 'all').map((resource) => [resource.plural + resource.group, resource]));
  for (const type of namespaceTypes) {
    const [resource] = resourcesOf(discovery, type);
    if (resource === undefined) note(`not served here: ${type}`);
    else wanted.set(resource.plural + resource.group, resource);
  }
  for (const resource of wanted.values()) if (resource.namespaced) addList(inspector, resource, namespace);
}

/** oc dumps the whole configuration of the cluster beside any of its operators. */
function addOperatorContext(inspector: Inspector): void {
  for (const resource of inspector.discovery.resources) {
    const isWanted = resource.group === 'config.openshift.io' && resource.preferred && resource.verbs.includes('list');
    if (isWanted && !resource.plural.includes('/')) addList(inspector, resource, undefined);
  }
}

/** One list as one file, `…/<plural>.yaml`; pods get a folder each as well. */
function addList(inspector: Inspector, resource: ServedResource, namespace: string | undefined): void {
  const path = treePath(...folderOf(resource, namespace), `${resource.plural}.yaml`);
  if (!inspector.tree.claim(path)) return;
  inspector.pool.add(() => {
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    return inspector.tree.write(
      path,
      yamlList(apiVersion, resource.kind, listed(inspector, resource, namespace, path)),
    );
  });
}

async function* listed(
  inspector: Inspector,
  resource: ServedResource,
  namespace: string | undefined,
  path: string,
): AsyncIterable<UnknownObject> {
  const { kube, signal } = inspector;
  for await (const object of kube.list<UnknownObject>(resource, {
    namespace,
    signal,
    pageSize: pageSizeOf(resource),
  })) {
    yield redacted(resource.group, resource.plural, object);
    if (path.endsWith('/events.yaml')) inspector.event(path, eventRow(object));
    const isPod = resource.plural === 'pods' && resource.group === '';
    const { name = '', namespace: home } = object.metadata;
    if (isPod && claims(inspector, resource, name, home)) await visit(inspector, resource, object);
  }
}

function pathOf(resource: ServedResource, name: string, namespace: string | undefined): string {
  if (resource.group === '' && resource.plural === 'namespaces') return treePath('namespaces', name, `${name}.yaml`);
  if (resource.group === '' && resource.plural === 'pods' && namespace !== undefined) {
    return treePath('namespaces', namespace, 'pods', name, `${name}.yaml`);
  }
  return treePath(...folderOf(resource, namespace), resource.plural, `${name}.yaml`);
}

function folderOf({ group }: ServedResource, namespace: string | undefined): string[] {
  const top = namespace === undefined ? ['cluster-scoped-resources'] : ['namespaces', namespace];
  return [...top, group === '' ? 'core' : group];
}

/**
 * ConfigMaps and Secrets hold up to 1 MiB each, and a page is in memory as text and parsed: 300 of each, all full, took
 * 1,890 MB in pages of 500 and take 640 MB in pages of 50.
 */
function pageSizeOf({ group, plural }: ServedResource): number | undefined {
  return group === '' && (plural === 'configmaps' || plural === 'secrets') ? 50 : undefined;
}
