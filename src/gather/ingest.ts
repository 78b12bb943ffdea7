/** Audience of the tokens that packers hold: worth nothing to the API server, nor to Muster's REST service. */
export const INGEST_AUDIENCE = 'muster-ingest';

/** A stop reason that is no end of the gather: another way brings its files out, and nothing more is taken here. */
export const TAKEN_OVER = 'TakenOver';

/** A pod as the API server vouches for it. */
export type PodIdentity = { readonly namespace: string; readonly name: string; readonly uid: string };

/** What a packer tells every other second: its sign of life. */
export type PackProgress = {
  /** Packed until now. */
  readonly files: number;
  /** Of content, before compression. */
  readonly bytes: number;
  /** Lines for the gather's log since the last time. */
  readonly says: readonly string[];
};

/** What a packer tells at its end. */
export type PackEnd = PackProgress & {
  /** Of the part's `members`, all of which are in the store. */
  readonly membersBytes: number;
  /** Everything that was there at the gather's end is packed. */
  readonly complete: boolean;
  /** Why not; empty when it is. */
  readonly message: string;
};

/** A gather whose packer may upload, as the engine that runs it tells of it. Nothing of it comes from the packer. */
export type RunningGather = {
  readonly reportUid: string;
  readonly gatherName: string;
  /** Folder of the archive for what was gathered; undefined until the image ID is known. */
  prefix(): string | undefined;
  readonly sourceDir: string;
  /** Most of the volume's free space that the gather may fill. */
  readonly volumePercentage: number;
  /** The gather container has ended, or will never run. */
  isEnded(): boolean;
  /** Why the gather shall stop, or `TAKEN_OVER`. */
  stopReason(): string | undefined;
  /** Its packer lives: it asks for something, or brings some bytes. */
  seen(): void;
  heard(progress: PackProgress): void;
  ended(end: PackEnd): void;
  /** The store takes no more of it. */
  refused(error: unknown): void;
};

/** Whose uploads are taken. */
export type Ingest = { running(pod: PodIdentity): RunningGather | undefined };

export type IngestRegistry = Ingest & {
  /** From now on the pod's packer is answered, until the function returned is called. */
  add(pod: PodIdentity, gather: RunningGather): () => void;
};

/** The gathers that this process runs; empty on a replica that does not lead. */
export function createIngestRegistry(): IngestRegistry {
  const gathers = new Map<string, RunningGather>();
  return {
    add(pod, gather) {
      const key = keyOf(pod);
      gathers.set(key, gather);
      return () => {
        if (gathers.get(key) === gather) gathers.delete(key);
      };
    },
    running: (pod) => gathers.get(keyOf(pod)),
  };
}

/** Names of Kubernetes hold no `/`. */
const keyOf = ({ namespace, name, uid }: PodIdentity) => `${namespace}/${name}/${uid}`;

/** Where the pieces of a gather's part lie in the store. */
export const partKeys = {
  folder: (gather: GatherKey) => `parts/${gather.reportUid}/${gather.gatherName}`,
  members: (gather: GatherKey) => `${partKeys.folder(gather)}/members`,
  /** One chunk of `members`, by the offset of its first byte. */
  chunk: (gather: GatherKey, offset: number) => `${partKeys.members(gather)}/${String(offset).padStart(16, '0')}`,
  record: (gather: GatherKey) => `${partKeys.folder(gather)}/record`,
  events: (gather: GatherKey) => `${partKeys.folder(gather)}/events`,
  end: (gather: GatherKey) => `${partKeys.folder(gather)}/end`,
};

export type GatherKey = Pick<RunningGather, 'reportUid' | 'gatherName'>;

/** Longest body of `PUT /ingest/members/OFFSET`. */
export const MOST_CHUNK_BYTES = 8 * 2 ** 20;
