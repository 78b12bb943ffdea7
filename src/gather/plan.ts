import { isNotFound } from '../kube/errors.ts';
import type { Node } from '../kube/kinds.ts';
import { namespaces, nodes as nodeKind } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError } from '../report/errors.ts';
import type { Spec } from '../report/spec.ts';
import { resolveImages, type UsualImages } from './images.ts';
import type { Placement } from './nodes.ts';
import { chooseNodes } from './nodes.ts';

/** The gather that Muster does itself, straight through the API, where the cluster has no gather image of its own. */
export const BUILT_IN = 'built-in inspection';

export type PlannedGather = {
  /** What a person calls it; unique in its report, and a DNS label. */
  readonly name: string;
  /** A gather image, or `BUILT_IN`. */
  readonly image: string;
  /** Set when a selector asked for one gather on each node, or one node was named. */
  readonly nodeName?: string | undefined;
};

export type Plan = {
  readonly gathers: readonly PlannedGather[];
  readonly placement: Placement;
  readonly warnings: readonly string[];
};

/**
 * What a report will run, and where: every image, and with a selector every image on every node. Only reads. Throws
 * MusterError NotFound or NothingSelected, with the spec's field, for a node, namespace, image stream, component or
 * selector that names nothing.
 */
export async function planGathers(
  kube: Kube,
  spec: Spec,
  signal: AbortSignal,
  usualImages: UsualImages = {},
): Promise<Plan> {
  if (spec.runNamespace !== undefined) await requireNamespace(kube, spec.runNamespace, signal);
  const { images, builtIn, warnings } = await resolveImages(kube, spec, signal, usualImages);
  if (builtIn && images.length === 0) refuseWhatNeedsAPod(spec);
  const chosen =
    images.length === 0 ? { nodeNames: [undefined], placement: NOWHERE } : await chooseWhere(kube, spec, signal);
  const named = nameImages(images);
  const gathers = named.flatMap(({ name, image }) =>
    chosen.nodeNames.map((nodeName) => ({
      name: chosen.nodeNames.length > 1 ? labelOf(`${name}-${nodeName ?? ''}`) : name,
      image,
      nodeName,
    })),
  );
  const own = builtIn ? [{ name: 'cluster', image: BUILT_IN }] : [];
  const withoutCommand =
    builtIn && spec.command !== undefined ? ['the built-in inspection does not run the command'] : [];
  return {
    gathers: uniqueNames([...own, ...gathers]),
    placement: chosen.placement,
    warnings: [...warnings, ...withoutCommand],
  };
}

const NOWHERE: Placement = { candidates: [], controlPlane: false };

async function chooseWhere(
  kube: Kube,
  spec: Spec,
  signal: AbortSignal,
): Promise<{ nodeNames: (string | undefined)[]; placement: Placement }> {
  if (spec.nodeName !== undefined) {
    await requireNode(kube, spec.nodeName, signal);
    return { nodeNames: [spec.nodeName], placement: NOWHERE };
  }
  const nodes: Node[] = await Array.fromAsync(kube.list(nodeKind, { labelSelector: spec.nodeSelector, signal }));
  if (spec.nodeSelector === undefined) return { nodeNames: [undefined], placement: chooseNodes(nodes) };
  if (nodes.length === 0) {
    throw new MusterError('NothingSelected', `no node matches the selector "${spec.nodeSelector}"`, {
      field: 'nodeSelector',
    });
  }
  return { nodeNames: nodes.map(({ metadata }) => metadata.name), placement: NOWHERE };
}

async function requireNode(kube: Kube, name: string, signal: AbortSignal): Promise<void> {
  try {
    await kube.get(nodeKind, name, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MusterError('NotFound', `node "${name}" does not exist in this cluster`, { field: 'nodeName' });
  }
}

async function requireNamespace(kube: Kube, name: string, signal: AbortSignal): Promise<void> {
  try {
    await kube.get(namespaces, name, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MusterError('NotFound', `namespace "${name}" does not exist in this cluster`, {
      field: 'runNamespace',
    });
  }
}

/** The built-in inspection has no pod: what would shape one must not be dropped in silence. */
function refuseWhatNeedsAPod(spec: Spec): void {
  const asked = [
    ['a command', spec.command],
    ['a node name', spec.nodeName],
    ['a node selector', spec.nodeSelector],
    ["the host's network", spec.hostNetwork || undefined],
    ['a run namespace', spec.runNamespace],
  ].find(([, value]) => value !== undefined);
  if (asked === undefined) return;
  throw new MusterError(
    'InvalidInput',
    `${String(asked[0])} needs a gather image, and this cluster has none of its own: name one`,
    {
      field: 'images',
    },
  );
}

/** Short names that people recognise: the image's last word, or the one before it where the last says nothing. */
function nameImages(images: readonly string[]): { name: string; image: string }[] {
  return images.map((image, place) => {
    const words = image
      .replace(/@.*$/, '')
      .replace(/:[^/:]*$/, '')
      .split('/');
    const last = words.at(-1) ?? '';
    const word = /^(must-gather|gather)$/.test(last) ? (words.at(-2) ?? last) : last;
    return { name: labelOf(word) || `gather-${place + 1}`, image };
  });
}

/** A DNS label: it names a folder on this machine and stands in a label of the pod. */
function labelOf(text: string): string {
  const clean = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return clean.slice(0, 58).replaceAll(/^-+|-+$/g, '');
}

function uniqueNames(gathers: readonly PlannedGather[]): PlannedGather[] {
  const used = new Set<string>();
  return gathers.map((gather) => {
    let name = gather.name;
    for (let number = 2; used.has(name); number += 1) name = `${gather.name}-${number}`;
    used.add(name);
    return { ...gather, name };
  });
}
