import type { Subresource } from './api.ts';
import { apiVersionOf, type Resource } from './resource.ts';

type Subresources = ReadonlyMap<string, Subresource>;

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const statusVerbs = ['get', 'patch', 'update'];
const info = { major: '1', minor: '36', gitVersion: 'v1.36.0-sandbox', platform: 'muster/sandbox' };

/** What the API tells of itself at `path`, or `undefined` where it tells nothing. */
export function describeApi(
  path: string,
  kinds: readonly Resource[],
  { aggregated, subresources }: { aggregated: boolean; subresources: Subresources },
): object | string | undefined {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return 'ok';
  if (path === '/version') return info;
  if (path === '/openapi/v3') return openApiIndex(kinds);
  const groups = [...new Set(kinds.map(({ group }) => group))];
  if (path === '/api') {
    return aggregated
      ? aggregatedOf(kinds, [''], subresources)
      : { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  }
  const named = groups.filter((group) => group !== '');
  if (path === '/apis') {
    if (aggregated) return aggregatedOf(kinds, named, subresources);
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map((group) => groupOf(group, kinds)) };
  }
  const group = named.find((each) => path === `/apis/${each}`);
  if (group !== undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, kinds) };
  const isOpenApi = path.startsWith('/openapi/v3/');
  const prefix = isOpenApi ? path.slice('/openapi/v3'.length) : path;
  const found = kinds.filter((kind) => rootOf(kind) === prefix);
  if (found.length === 0) return undefined;
  return isOpenApi ? openApiOf(found) : resourceList(found, subresources);
}

const rootOf = (kind: Resource) => `/${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`;
const versionsOf = (group: string, kinds: readonly Resource[]) => [
  ...new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version)),
];

function groupOf(name: string, kinds: readonly Resource[]): object {
  const versions = versionsOf(name, kinds).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** What lies below objects of a kind, with its verbs. */
function below(kind: Resource, subresources: Subresources): { name: string; kind: string; verbs: readonly string[] }[] {
  const others = kind.group === '' ? [...subresources] : [];
  const found = others.flatMap(([path, subresource]) => {
    const [plural, name = ''] = path.split('/');
    return plural === kind.plural ? [{ name, kind: subresource.kind ?? kind.kind, verbs: subresource.verbs }] : [];
  });
  return kind.hasStatus ? [...found, { name: 'status', kind: kind.kind, verbs: statusVerbs }] : found;
}

function resourceList(kinds: readonly Resource[], subresources: Subresources): object {
  const resources = kinds.flatMap((kind) => {
    const { plural: name, singular: singularName, namespaced, shortNames, categories } = kind;
    const children = below(kind, subresources).map((child) => ({
      ...child,
      name: `${name}/${child.name}`,
      singularName: '',
      namespaced,
    }));
    const own = { name, singularName, namespaced, kind: kind.kind, verbs: kind.verbs ?? verbs, shortNames, categories };
    return [own, ...children];
  });
  const groupVersion = kinds.map(apiVersionOf)[0];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function aggregatedOf(kinds: readonly Resource[], groups: readonly string[], subresources: Subresources): object {
  const items = groups.map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(group, kinds).map((version) => ({
      version,
      freshness: 'Current',
      resources: kinds
        .filter((kind) => kind.group === group && kind.version === version)
        .map((kind) => aggregatedKind(kind, subresources)),
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedKind(kind: Resource, subresources: Subresources): object {
  const { group, version } = kind;
  const responseKind = { group, version, kind: kind.kind };
  const children = below(kind, subresources).map((child) => ({
    subresource: child.name,
    responseKind: { group, version, kind: child.kind },
    verbs: child.verbs,
  }));
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs ?? verbs,
    shortNames: kind.shortNames,
    categories: kind.categories,
    ...(children.length > 0 ? { subresources: children } : {}),
  };
}

function openApiIndex(kinds: readonly Resource[]): object {
  const roots = [...new Set(kinds.map(rootOf))];
  const paths = roots.map((root) => [root.slice(1), { serverRelativeURL: `/openapi/v3${root}` }]);
  return { paths: Object.fromEntries(paths) };
}

/** The schemas that are known, and what kubectl looks for before it leaves the judgement of an object to the server. */
function openApiOf(kinds: readonly Resource[]): object {
  const parameters = ['dryRun', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
  const gvkOf = ({ group, version, kind }: Resource) => ({ group, version, kind });
  const paths = kinds.map((kind) => {
    const patch = { 'x-kubernetes-group-version-kind': gvkOf(kind), parameters, responses: {} };
    return [`${rootOf(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`, { patch }];
  });
  const schemas = kinds.map((kind) => [
    [...kind.group.split('.').reverse(), kind.version, kind.kind].filter(Boolean).join('.'),
    { type: 'object', ...kind.schema, 'x-kubernetes-group-version-kind': [gvkOf(kind)] },
  ]);
  return {
    openapi: '3.0.0',
    info: { title: 'Muster sandbox', version: info.gitVersion },
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}
