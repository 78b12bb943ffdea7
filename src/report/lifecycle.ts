import { advanceGathers, expire, hasData, isFinalGather } from './gather-lifecycle.ts';
import { PHASES } from './phases.ts';
import { nextProgress } from './progress.ts';
import type { ConditionType, GatherStatus, Phase, Progress, ReportCondition, ReportStatus } from './status.ts';

/** What is known of a report at one moment. */
export type ReportFacts = {
  /** What was said of it before; `{}` for a new one. */
  readonly previous: Pick<ReportStatus, 'phase' | 'conditions' | 'gathers' | 'progress'>;
  /** Its gathers as they are seen now; `undefined` until they are planned. */
  readonly gathers: readonly GatherStatus[] | undefined;
  readonly cancelAsked: boolean;
  /** Nothing is waited for any more: what did not end by now is out of time. */
  readonly deadlinePassed: boolean;
  /** `open` until it is sealed, or until it is known that it never will be. */
  readonly archive: 'open' | 'sealed' | { readonly failed: string };
  /** What ended the report before it had gathers: no rights, an unknown image stream. */
  readonly refusal?: { readonly reason: string; readonly message: string } | undefined;
  /** How long it runs, and how long earlier reports of the same images took, where that is known. */
  readonly elapsedMs?: number | undefined;
  readonly expectedMs?: number | undefined;
  /** RFC 3339. */
  readonly now: string;
};

export type Verdict = {
  readonly phase: Phase;
  readonly conditions: readonly ReportCondition[];
  readonly gathers: readonly GatherStatus[];
  readonly progress: Progress;
  /** Why it is not `Completed`: one word for programs, one sentence for a person. In final phases only. */
  readonly reason?: string;
  readonly message?: string;
};

const FINAL: ReadonlySet<Phase> = new Set(['Completed', 'Partial', 'Failed', 'Cancelled']);

/** True when nothing more becomes of the report. */
export function isFinal(phase: Phase): boolean {
  return FINAL.has(phase);
}

/**
 * What becomes of a report, from what is known of it. Never goes back: final phases, true conditions and counts stay,
 * whatever is seen later. All gathers done: `Completed`. Some data, but something is missing: `Partial`. Nothing
 * gathered: `Failed`. Stopped by a person before all was done: `Cancelled`, with or without data.
 */
export function judge(facts: ReportFacts): Verdict {
  const before = facts.previous;
  if (before.phase !== undefined && isFinal(before.phase)) return unchanged(facts, before.phase);
  const gathers = advanceGathers(before.gathers ?? [], facts.gathers ?? []).map((gather) =>
    facts.deadlinePassed ? expire(gather, facts.cancelAsked, facts.now) : gather,
  );
  const planned = facts.gathers !== undefined || isTrue(before.conditions, 'Initialized');
  const outcome = outcomeOf(facts, gathers, planned);
  const phase = later(before.phase ?? 'New', outcome.phase);
  const ready = isFinal(phase) && facts.archive === 'sealed';
  return {
    ...outcome,
    phase,
    gathers,
    conditions: conditionsOf(facts, { ...outcome, phase }, planned, ready),
    progress: nextProgress({ ...facts, phase, gathers, ready, previous: before.progress }),
  };
}

type Outcome = { phase: Phase; reason?: string; message?: string };

function outcomeOf(facts: ReportFacts, gathers: readonly GatherStatus[], planned: boolean): Outcome {
  if (gathers.length === 0) return withoutGathers(facts, planned);
  const open = gathers.filter((gather) => !isFinalGather(gather));
  if (open.length > 0) return { phase: open.every(({ phase }) => phase === 'Packing') ? 'Packing' : 'Gathering' };
  if (typeof facts.archive === 'object') {
    const phase = wasCancelled(facts, gathers) ? 'Cancelled' : 'Failed';
    return { phase, reason: 'ArchiveFailed', message: facts.archive.failed };
  }
  return facts.archive === 'open' ? { phase: 'Packing' } : ending(facts, gathers);
}

function withoutGathers({ cancelAsked, refusal, deadlinePassed }: ReportFacts, planned: boolean): Outcome {
  if (cancelAsked) {
    return { phase: 'Cancelled', reason: 'Cancelled', message: 'cancelled before anything was gathered' };
  }
  if (refusal !== undefined) return { phase: 'Failed', ...refusal };
  if (deadlinePassed) return { phase: 'Failed', reason: 'NotStarted', message: 'not started before the deadline' };
  if (!planned) return { phase: 'New' };
  return { phase: 'Failed', reason: 'NothingSelected', message: 'nothing to gather' };
}

function ending(facts: ReportFacts, gathers: readonly GatherStatus[]): Outcome {
  const lacking = gathers.filter((gather) => gather.phase !== 'Done');
  const first = lacking[0];
  if (first === undefined) return { phase: 'Completed' };
  if (wasCancelled(facts, gathers)) {
    return { phase: 'Cancelled', reason: 'Cancelled', message: `cancelled; ${missing(gathers, lacking)}` };
  }
  const reason = first.reason ?? 'GatherFailed';
  return { phase: gathers.some(hasData) ? 'Partial' : 'Failed', reason, message: missing(gathers, lacking) };
}

/** A request to cancel that came when all was done changes nothing. */
function wasCancelled(facts: ReportFacts, gathers: readonly GatherStatus[]): boolean {
  const stopped = gathers.some((gather) => gather.phase === 'Cancelled');
  return stopped || (facts.cancelAsked && gathers.some((gather) => gather.phase !== 'Done'));
}

/** Names told in one message; the rest is counted. */
const NAMES_TOLD = 3;

function missing(gathers: readonly GatherStatus[], lacking: readonly GatherStatus[]): string {
  const told = lacking
    .slice(0, NAMES_TOLD)
    .map((gather) => `${gather.name}: ${gather.message ?? gather.reason ?? gather.phase}`);
  const rest = lacking.length > told.length ? [`and ${lacking.length - told.length} more`] : [];
  return `${lacking.length} of ${gathers.length} gathers incomplete: ${[...told, ...rest].join('; ')}`.slice(0, 4096);
}

function later(before: Phase, now: Phase): Phase {
  return PHASES.indexOf(now) < PHASES.indexOf(before) ? before : now;
}

function isTrue(conditions: readonly ReportCondition[] | undefined, type: ConditionType): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

type Finding = Omit<ReportCondition, 'lastTransitionTime'>;

function conditionsOf(facts: ReportFacts, outcome: Outcome, planned: boolean, ready: boolean): ReportCondition[] {
  const { phase, reason, message = '' } = outcome;
  const findings: Finding[] = [
    planned
      ? { type: 'Initialized', status: 'True', reason: 'Planned', message: 'its gathers are known' }
      : { type: 'Initialized', status: 'False', reason: reason ?? 'Planning', message },
    ready
      ? { type: 'Ready', status: 'True', reason: 'Sealed', message: 'the archive can be fetched' }
      : { type: 'Ready', status: 'False', reason: reason ?? phase, message },
  ];
  if (reason !== undefined) findings.push({ type: 'Failure', status: 'True', reason, message });
  return findings.map((finding) => transition(facts, finding));
}

/** A condition keeps the time of its last change of status. */
function transition(facts: ReportFacts, finding: Finding): ReportCondition {
  const before = facts.previous.conditions?.find((condition) => condition.type === finding.type);
  if (before === undefined) return { ...finding, lastTransitionTime: facts.now };
  return { ...finding, lastTransitionTime: before.status === finding.status ? before.lastTransitionTime : facts.now };
}

function unchanged({ previous }: ReportFacts, phase: Phase): Verdict {
  const failure = previous.conditions?.find((condition) => condition.type === 'Failure');
  const gathers = previous.gathers ?? [];
  return {
    phase,
    conditions: previous.conditions ?? [],
    gathers,
    progress: previous.progress ?? nextProgress({ phase, gathers, ready: false, previous: undefined }),
    ...(failure === undefined ? {} : { reason: failure.reason, message: failure.message }),
  };
}
