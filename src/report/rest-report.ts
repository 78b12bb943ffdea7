import { parseDuration } from './duration.ts';
import { DEFAULT_SOURCE_DIR } from './source-dir.ts';
import type { Spec } from './spec.ts';
import type { Phase, ReportStatus } from './status.ts';

// A report as REST shows it: the keys, states and order of the seed (must-gather-rest-api) and of the server that Muster
// replaces, then Muster's own.

/** A MustGatherReport as far as REST shows it. */
export type ReportObject = {
  readonly metadata: { readonly name?: string | undefined; readonly creationTimestamp?: string | undefined };
  readonly spec: Spec;
  readonly status?: ReportStatus | undefined;
};

export type RestState = 'new' | 'inprogress' | 'completed' | 'error';

const STATES: Readonly<Record<Phase, RestState>> = {
  New: 'new',
  Gathering: 'inprogress',
  Packing: 'inprogress',
  Completed: 'completed',
  Partial: 'completed',
  Failed: 'error',
  Cancelled: 'error',
};

/** The state by which the old server's UIs go. */
export function restState({ status }: ReportObject): RestState {
  return STATES[status?.phase ?? 'New'];
}

/** The JSON of a report. `execOutput` is the text of its log, or empty where it was not asked for. */
export function restReport(report: ReportObject, execOutput: string): Record<string, unknown> {
  const { metadata, spec, status = {} } = report;
  const createdAt = metadata.creationTimestamp ?? '';
  return {
    id: status.id ?? 0,
    'created-at': createdAt,
    'updated-at': updatedAt(createdAt, status),
    'custom-name': spec.customName ?? '',
    status: restState(report),
    // What runs when nothing is named is known once the gathers are planned.
    image: spec.images[0] ?? status.gathers?.[0]?.image ?? '',
    'image-stream': spec.imageStreams[0] ?? '',
    'node-name': spec.nodeName ?? '',
    command: spec.command ?? '',
    'source-dir': spec.sourceDir === DEFAULT_SOURCE_DIR ? '' : spec.sourceDir,
    timeout: shortDuration(spec.timeout),
    server: spec.server ?? '',
    'archive-size': status.archive?.size ?? 0,
    'archive-name': status.archive?.name ?? '',
    'exec-output': execOutput,
    ...ownKeys(spec),
    ...outcomeKeys(metadata.name, status),
  };
}

/** What `oc adm must-gather` can do and the old server could not. */
function ownKeys(spec: Spec): Record<string, unknown> {
  return {
    images: spec.images,
    'image-streams': spec.imageStreams,
    components: spec.components,
    'all-images': spec.allImages,
    'node-selector': spec.nodeSelector ?? '',
    'host-network': spec.hostNetwork,
    'run-namespace': spec.runNamespace ?? '',
    'keep-namespace': spec.keepNamespace,
    'volume-percentage': spec.volumePercentage,
    since: spec.since === undefined ? '' : shortDuration(spec.since),
    'since-time': spec.sinceTime ?? '',
    'delete-after': spec.deleteAfter ?? '',
  };
}

function outcomeKeys(name: string | undefined, status: ReportStatus): Record<string, unknown> {
  const phase = status.phase ?? 'New';
  return {
    name: name ?? '',
    phase,
    partial: phase === 'Partial',
    message: messageOf(status),
    progress: status.progress ?? null,
    gathers: status.gathers ?? [],
    'archive-sha256': status.archive?.sha256 ?? '',
    'report-url': status.report_url ?? '',
    'requested-by': status.requestedBy ?? '',
    'retry-of': status.retryOf ?? null,
    'started-at': status.startedAt ?? null,
    'finished-at': status.finishedAt ?? null,
    'expires-at': status.expiresAt ?? null,
  };
}

/** Why something is missing, empty where nothing is. */
function messageOf({ conditions = [] }: ReportStatus): string {
  return conditions.find(({ type, status }) => type === 'Failure' && status === 'True')?.message ?? '';
}

/** The latest moment that is known of it. A server whose clock is behind the cluster's tells only of earlier ones. */
function updatedAt(createdAt: string, { conditions = [], startedAt, finishedAt }: ReportStatus): string {
  const moments = [createdAt, ...conditions.map(({ lastTransitionTime }) => lastTransitionTime), startedAt, finishedAt];
  const known = moments.filter((moment) => moment !== undefined);
  return known.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? createdAt;
}

/** Go writes `30m0s` where a person, and the seed, write `30m`. */
function shortDuration(duration: string): string {
  const short = duration.replace(/(?<=[hm])0s$/, '').replace(/(?<=h)0m$/, '');
  return parseDuration(short) === parseDuration(duration) ? short : duration;
}
