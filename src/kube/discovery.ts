import { messageOf } from '../report/errors.ts';
import type { Kube } from './kube.ts';

export type ServedResource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Whether this is the version to use: the first in the group's order of preference that has the resource. */
  readonly preferred: boolean;
};

type FailedGroupVersion = { readonly groupVersion: string; readonly reason: string };

export type Discovery = {
  readonly resources: readonly ServedResource[];
  /** Group versions that the server lists but could not describe (an aggregated API that is down), with the reason. */
  readonly failed: readonly FailedGroupVersion[];
  /** The documents as served by `/api` and `/apis` when the server aggregates (v2); undefined when it does not. */
  readonly aggregated: { readonly api: unknown; readonly apis: unknown } | undefined;
};

type Found = { resources: Omit<ServedResource, 'preferred'>[]; failed: FailedGroupVersion[] };

type AggregatedDocument = {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope?: string;
        readonly singularResource?: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
};
type VersionsDocument = { readonly kind: 'APIVersions'; readonly versions?: readonly string[] };
type GroupsDocument = {
  readonly kind: 'APIGroupList';
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
};
type RootDocument = AggregatedDocument | VersionsDocument | GroupsDocument;
type ResourceListDocument = {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly singularName?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
    readonly namespaced?: boolean;
    readonly verbs?: readonly string[];
  }[];
};

// KEP-3352; v2beta1 is what 1.26 to 1.29 serve. A server that knows neither answers with the plain document.
const accept = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');
const atOnce = 8;

/**
 * What the server serves: two requests where it aggregates discovery, one for each group version elsewhere. Throws
 * `KubeError` when the roots cannot be read; a group that cannot be is in `failed`.
 */
export async function discover(kube: Kube, signal?: AbortSignal): Promise<Discovery> {
  const ask = (path: string) => kube.json<RootDocument>(path, { headers: { accept }, signal });
  const [api, apis] = await Promise.all([ask('/api'), ask('/apis')]);
  const found: Found = { resources: [], failed: [] };
  for (const document of [api, apis]) {
    if (document.kind === 'APIGroupDiscoveryList') readAggregated(document, found);
    else await readEach(kube, groupVersions(document), found, signal);
  }
  const isAggregated = api.kind === 'APIGroupDiscoveryList' && apis.kind === 'APIGroupDiscoveryList';
  return {
    resources: markPreferred(found.resources),
    failed: found.failed,
    aggregated: isAggregated ? { api, apis } : undefined,
  };
}

function readAggregated({ items = [] }: AggregatedDocument, found: Found): void {
  for (const { metadata, versions = [] } of items) {
    const group = metadata?.name ?? '';
    for (const { version, freshness, resources = [] } of versions) {
      // Stale: the aggregated API server behind it did not answer; what it served last may still be listed.
      if (freshness === 'Stale') found.failed.push({ groupVersion: joined(group, version), reason: 'stale' });
      for (const resource of resources) {
        found.resources.push({
          group,
          version,
          plural: resource.resource,
          kind: resource.responseKind?.kind ?? '',
          singular: resource.singularResource ?? '',
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
          namespaced: resource.scope === 'Namespaced',
          verbs: resource.verbs ?? [],
        });
      }
    }
  }
}

type GroupVersion = { readonly group: string; readonly version: string };

function groupVersions(document: VersionsDocument | GroupsDocument): GroupVersion[] {
  if (document.kind === 'APIVersions') return (document.versions ?? []).map((version) => ({ group: '', version }));
  return (document.groups ?? []).flatMap(({ name, versions, preferredVersion }) => {
    const preferred = versions.filter(({ version }) => version === preferredVersion?.version);
    const others = versions.filter(({ version }) => version !== preferredVersion?.version);
    return [...preferred, ...others].map(({ version }) => ({ group: name, version }));
  });
}

async function readEach(kube: Kube, asked: readonly GroupVersion[], found: Found, signal?: AbortSignal): Promise<void> {
  for (let at = 0; at < asked.length; at += atOnce) {
    const some = asked.slice(at, at + atOnce);
    const answers = await Promise.allSettled(some.map((one) => readGroupVersion(kube, one, signal)));
    signal?.throwIfAborted();
    for (const [index, answer] of answers.entries()) {
      const one = some[index];
      if (answer.status === 'fulfilled') found.resources.push(...answer.value);
      else if (one)
        found.failed.push({ groupVersion: joined(one.group, one.version), reason: messageOf(answer.reason) });
    }
  }
}

async function readGroupVersion(
  kube: Kube,
  { group, version }: GroupVersion,
  signal?: AbortSignal,
): Promise<Found['resources']> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const { resources = [] } = await kube.json<ResourceListDocument>(path, { signal });
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => ({
      group,
      version,
      plural: resource.name,
      kind: resource.kind,
      singular: resource.singularName ?? '',
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      namespaced: resource.namespaced ?? false,
      verbs: resource.verbs ?? [],
    }));
}

/** Both forms list a group's versions in its order of preference. */
function markPreferred(resources: Found['resources']): ServedResource[] {
  const seen = new Set<string>();
  return resources.map((resource) => {
    const key = `${resource.group}/${resource.plural}`;
    const preferred = !seen.has(key);
    seen.add(key);
    return { ...resource, preferred };
  });
}

function joined(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
