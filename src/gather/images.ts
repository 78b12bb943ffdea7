import { isNotFound } from '../kube/errors.ts';
import type { ImageStream, Kind, KubeObject } from '../kube/kinds.ts';
import { clusterOperators, clusterServiceVersions, imageStreams } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { parseImageStreamTag } from '../report/names.ts';
import { CLUSTER_COMPONENT, GATHER_IMAGE_ANNOTATION, listOwnComponents } from './own-components.ts';

export type Images = {
  /** Gather images in the order in which they were asked for, each once. */
  readonly images: readonly string[];
  /** The cluster has no gather image of its own: Muster inspects it through the API. */
  readonly builtIn: boolean;
  /** What could not be read, and whom `--all-images` passes over, for the person. */
  readonly warnings: readonly string[];
};

export type ImageRequest = {
  readonly images: readonly string[];
  /** `namespace/name:tag`. */
  readonly imageStreams: readonly string[];
  /** Names of components: `cluster`, or what `listComponents` tells. */
  readonly components: readonly string[];
  readonly allImages: boolean;
};

/** What an administrator of the service said of the gather image to use where nobody names one. */
export type UsualImages = {
  /** Instead of what the cluster offers. */
  readonly configured?: string | undefined;
  /** Where the cluster offers none: Muster's own image, which is a gather image too. */
  readonly own?: string | undefined;
};

/**
 * The gather images of a report. For component `cluster`, and where nothing is named: what is configured, else ImageStream
 * `openshift/must-gather`, else Muster's own image, else the built-in inspection. Throws MusterError NotFound for an image stream or a component
 * that is not there.
 */
export async function resolveImages(
  kube: Kube,
  request: ImageRequest,
  signal: AbortSignal,
  { configured, own }: UsualImages = {},
): Promise<Images> {
  const named = [...request.images];
  for (const stream of request.imageStreams) named.push(await resolveImageStream(kube, stream, signal));
  named.push(...(await resolveComponents(kube, request.components, signal)));
  const isClusterNamed = request.components.includes(CLUSTER_COMPONENT);
  if (named.length > 0 && !isClusterNamed && !request.allImages) {
    return { images: unique(named), builtIn: false, warnings: [] };
  }
  const warnings: string[] = [];
  const usual = configured ?? (await usualImage(kube, warnings, signal)) ?? own;
  const annotated = request.allImages ? await annotatedImages(kube, warnings, signal) : [];
  return {
    images: unique([...(usual === undefined ? [] : [usual]), ...annotated, ...named]),
    builtIn: usual === undefined,
    warnings,
  };
}

/** The images of components other than the cluster itself. What cannot be read matters only to who is not found. */
async function resolveComponents(kube: Kube, names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const asked = names.filter((name) => name !== CLUSTER_COMPONENT);
  if (asked.length === 0) return [];
  const { components, warnings } = await listOwnComponents(kube, signal);
  return asked.map((name) => {
    const found = components.find((component) => component.name === name);
    if (found !== undefined) return found.image;
    const why = warnings.length === 0 ? '' : ` (${warnings.join('; ')})`;
    throw new MusterError('NotFound', `there is no component "${name}" in this cluster${why}`, { field: 'components' });
  });
}

/** The cluster's own gather image, where it has one. */
export async function usualImage(kube: Kube, warnings: string[], signal: AbortSignal): Promise<string | undefined> {
  try {
    return pullSpec(await kube.get(imageStreams, 'must-gather', { namespace: 'openshift', signal }), 'latest');
  } catch (error) {
    signal.throwIfAborted();
    // Kubernetes without OpenShift's API answers 404 as well: there the built-in inspection is what is meant.
    if (!isNotFound(error)) warnings.push(`could not read image stream openshift/must-gather: ${messageOf(error)}`);
    return undefined;
  }
}

async function resolveImageStream(kube: Kube, reference: string, signal: AbortSignal): Promise<string> {
  const { namespace, name, tag } = parseImageStreamTag(reference, 'imageStreams');
  const missing = (what: string) => new MusterError('NotFound', what, { field: 'imageStreams' });
  let stream: ImageStream;
  try {
    stream = await kube.get(imageStreams, name, { namespace, signal });
  } catch (error) {
    if (isNotFound(error)) throw missing(`image stream ${namespace}/${name} does not exist in this cluster`);
    throw error;
  }
  const image = pullSpec(stream, tag);
  if (image === undefined) throw missing(`image stream ${namespace}/${name} has no imported tag "${tag}"`);
  return image;
}

/** Where the newest imported image of a tag is pulled from; imports that still wait do not count (reference §1). */
export function pullSpec(stream: ImageStream, tag: string): string | undefined {
  const imported = stream.status?.tags?.find((candidate) => candidate.tag === tag)?.items?.[0]?.dockerImageReference;
  if (imported !== undefined) return imported;
  const from = stream.spec?.tags?.find((candidate) => candidate.name === tag)?.from;
  return from?.kind === 'DockerImage' ? from.name : undefined;
}

/** All images that operators name, sorted so that two runs gather in the same order. */
async function annotatedImages(kube: Kube, warnings: string[], signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const without: string[] = [];
  const read = async (kind: Kind<KubeObject>) => {
    try {
      for await (const { metadata } of kube.list(kind, { signal })) {
        const image = metadata.annotations?.[GATHER_IMAGE_ANNOTATION];
        if (image === undefined || image === '') without.push(`${kind.kind} ${metadata.name ?? ''}`);
        else found.push(image);
      }
    } catch (error) {
      signal.throwIfAborted();
      warnings.push(`could not list ${kind.plural}, so their gather images are left out: ${messageOf(error)}`);
    }
  };
  await read(clusterServiceVersions);
  await read(clusterOperators);
  if (without.length > 0) warnings.push(`no gather image named by: ${unique(without).sort().join(', ')}`);
  return unique(found).sort();
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
