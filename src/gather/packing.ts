import type { Pod } from '../kube/kinds.ts';
import type { Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import type { Store } from '../store/store.ts';
import { type IngestRegistry, type PackEnd, partKeys, TAKEN_OVER } from './ingest.ts';
import { PACK_CONTAINER } from './pack-container.ts';
import type { GatherPodRequest } from './pod.ts';

/** Silence of a packer after which its gather goes on through exec. */
const SILENCE_LIMIT_MS = 60_000;
const PULL_PROBLEMS = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);

/** Where packers are met, and where what they bring is kept. */
export type Packers = {
  readonly registry: IngestRegistry;
  readonly store: Store;
  readonly reportUid: string;
};

/** The packer of one gather, as the server sees it. */
export type Packing = {
  /** The folder of the archive for what it packs; it packs nothing before. */
  setFolder(folder: string): void;
  counts(): { files: number; bytes: number };
  /** What it said at its end. */
  end(): PackEnd | undefined;
  /** Why the store takes no more of what it brings. */
  refusal(): { readonly error: unknown } | undefined;
  /** Why it will never come to its end; undefined while it may. */
  whyDead(): string | undefined;
  /** Tells it that the gather is over. */
  gatherEnded(): void;
  /** Takes nothing more from it: the files are brought out in another way. */
  takeOver(): void;
  /** It is answered no more. */
  close(): void;
};

export type PackingOptions = Packers & {
  readonly request: GatherPodRequest;
  readonly pod: Pod;
  /** The pod as it is now; undefined when it is gone. */
  readonly podNow: () => Pod | undefined;
  /** Why the gather has to stop, if it has to. */
  readonly stopReason: () => string | undefined;
  readonly say: (line: string) => void;
  readonly timers: Timers;
};

/** Meets the packer of a pod. What it brought to its end before, to a process that was killed since, counts. */
export async function startPacking(options: PackingOptions): Promise<Packing> {
  const { registry, store, reportUid, request, pod, podNow, stopReason, say, timers } = options;
  const { gatherName, sourceDir, volumePercentage } = request;
  const { name = '', namespace = request.namespace, uid = '' } = pod.metadata;
  let folder: string | undefined;
  let end = await storedEnd(store, { reportUid, gatherName });
  let counts = { files: end?.files ?? 0, bytes: end?.bytes ?? 0 };
  let heardAtMs = timers.now();
  let refusal: { readonly error: unknown } | undefined;
  let isOver = false;
  let isTakenOver = false;
  const see = () => {
    heardAtMs = timers.now();
  };
  const hear = ({ files, bytes, says }: { files: number; bytes: number; says: readonly string[] }) => {
    see();
    counts = { files, bytes };
    for (const line of says) say(line);
  };
  const close = registry.add(
    { namespace, name, uid },
    {
      reportUid,
      gatherName,
      sourceDir,
      volumePercentage,
      prefix: () => folder,
      isEnded: () => isOver,
      stopReason: () => (isTakenOver ? TAKEN_OVER : stopReason()),
      seen: see,
      heard: hear,
      ended: (told) => {
        hear(told);
        end = told;
      },
      refused: (error) => {
        refusal ??= { error };
      },
    },
  );
  return {
    setFolder: (known) => {
      folder = known;
      see();
    },
    counts: () => counts,
    end: () => end,
    refusal: () => refusal,
    whyDead: () => {
      if (end !== undefined) return undefined;
      const why = containerTrouble(podNow());
      if (why !== undefined) return why;
      const silentMs = timers.now() - heardAtMs;
      return silentMs > SILENCE_LIMIT_MS ? `nothing was heard of it for ${Math.round(silentMs / 1000)} s` : undefined;
    },
    gatherEnded: () => {
      isOver = true;
    },
    takeOver: () => {
      isTakenOver = true;
    },
    close,
  };
}

/** What keeps the packer's container from ever doing its work. */
function containerTrouble(pod: Pod | undefined): string | undefined {
  if (pod === undefined) return 'its pod is gone';
  const packer = pod.status?.containerStatuses?.find((status) => status.name === PACK_CONTAINER);
  const { waiting, terminated } = packer?.state ?? {};
  if (terminated !== undefined) return `it ended with exit code ${terminated.exitCode} (${terminated.reason ?? ''})`;
  if (waiting === undefined || !PULL_PROBLEMS.has(waiting.reason ?? '')) return undefined;
  return `its image cannot be pulled: ${waiting.reason}`;
}

async function storedEnd(store: Store, gather: Parameters<typeof partKeys.end>[0]): Promise<PackEnd | undefined> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await store.read(partKeys.end(gather))) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString()) as PackEnd;
  } catch (error) {
    if (error instanceof MusterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
