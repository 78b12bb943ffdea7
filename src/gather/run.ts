import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import type { Spec } from '../report/spec.ts';
import type { GatherStatus } from '../report/status.ts';
import type { EventPage } from './events.ts';
import type { Plan } from './plan.ts';
import type { NoteLevel, ReportLog } from './report-log.ts';

/** Whoever watches a run: the terminal, a log. */
export type Observer = {
  /** A gather's state changed, or its counts moved. */
  gather(status: GatherStatus): void;
  /** One line of a gather's own log, with the kubelet's timestamp. */
  line(gatherName: string, line: string): void;
  /** Muster's own words; they are in `must-gather.logs` too. */
  note(text: string, gatherName: string | undefined, level: NoteLevel): void;
  /** What an OpenShift cluster says of its own health, before and after the gathers, as oc prints it. */
  summary(lines: readonly string[], moment: 'before' | 'after'): void;
};

export type RunOptions = {
  readonly kube: Kube;
  readonly spec: Spec;
  readonly plan: Plan;
  /** Top folder of the archive. */
  readonly topName: string;
  readonly clientVersion: string;
  readonly observer: Observer;
  /** A person wants out: what was copied until then is kept, everything made in the cluster is removed. */
  readonly interrupt: AbortSignal;
  readonly timers: Timers;
};

/** One report while it runs: what was asked, and what all its gathers share. */
export type Run = RunOptions & {
  /** Folder on this machine for everything that is not sealed yet. */
  readonly workspace: string;
  readonly log: ReportLog;
  readonly events: EventPage;
  readonly now: () => Date;
};
