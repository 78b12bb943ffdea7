import type { Kube } from '../kube/kube.ts';

/** What every inspection is told. */
export type InspectionOptions = {
  /** Folder that gets the tree; made when it is not there, and added to when it is. */
  readonly destDir: string;
  /** Only log lines younger than this; one of the two. */
  readonly since?: { readonly durationMs: number } | undefined;
  /** Only log lines from this time on, RFC 3339. */
  readonly sinceTime?: string | undefined;
  /** Logs that the kubelet rotated, too. */
  readonly rotatedPodLogs?: boolean | undefined;
  /** Requests at once; 16 unless told. */
  readonly concurrency?: number | undefined;
  readonly now: () => Date;
  readonly say: (line: string) => void;
  /** Ends the inspection early: what was read until then is kept, and an error says what is missing. */
  readonly signal?: AbortSignal | undefined;
};

export type InspectOptions = InspectionOptions & {
  /** As kubectl takes them: `type`, `type/name`, `type.version.group`, comma lists, `ns/NAME`, `type name name`. */
  readonly targets: readonly string[];
  /** Where targets without a namespace of their own live; `default` unless told. */
  readonly namespace?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  /** Only make the event page out of this file; nothing is asked of the cluster. */
  readonly eventsFile?: string | undefined;
};

/** What was written, and what could not be read: one line for each failure. */
export type Inspected = { readonly files: number; readonly sizeBytes: number; readonly errors: readonly string[] };

/** Dumps the targets in the layout of `oc adm inspect`. */
export async function inspect(_kube: Kube, _options: InspectOptions): Promise<Inspected> {
  throw new Error('not there yet');
}
