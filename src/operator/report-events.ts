import { createHash } from 'node:crypto';
import { isAlreadyExists, isNotFound } from '../kube/errors.ts';
import { events } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import { GROUP, KIND, VERSION } from '../report/kind.ts';
import type { GatherStatus, ReportStatus } from '../report/status.ts';
import type { MustGatherReport } from './report-kind.ts';

/** What happened to a report, for `kubectl describe` and `kubectl get events`. */
export type ReportEvent = {
  readonly type: 'Normal' | 'Warning';
  /** One word for programs. */
  readonly reason: string;
  /** A sentence for a person. */
  readonly message: string;
};

export type ReportEvents = (report: MustGatherReport, event: ReportEvent) => void;

const LONGEST_MESSAGE = 1024;

/**
 * Writes events on reports, in the background: a report does not wait for them, and one that cannot be written is told
 * to `onError`. The same event of the same report has the same name, so it is there once, whoever writes it.
 */
export function createReportEvents(
  kube: Kube,
  { timers, onError }: { readonly timers: Timers; readonly onError: (error: unknown) => void },
): ReportEvents {
  const write = async ({ metadata }: MustGatherReport, { type, reason, message }: ReportEvent) => {
    const { name = '', namespace = '', uid = '', resourceVersion } = metadata;
    const digest = createHash('sha256').update(`${uid} ${reason} ${message}`).digest('hex').slice(0, 16);
    const at = new Date(timers.now()).toISOString();
    const event = {
      metadata: { name: `${name.slice(0, 200)}.${digest}`, namespace },
      involvedObject: { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, name, namespace, uid, resourceVersion },
      type,
      reason,
      message: message.slice(0, LONGEST_MESSAGE),
      source: { component: 'muster' },
      reportingComponent: 'muster.dev/muster',
      reportingInstance: 'muster',
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    try {
      await kube.create(events, event, { namespace });
    } catch (error) {
      // A namespace on its way out takes no events, and its report needs none.
      if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
  };
  return (report, event) => {
    write(report, event).catch(onError);
  };
}

const NAMED = 5;

/** Its gathers are known, by name as far as a line has room. */
export function plannedEvent(gathers: readonly GatherStatus[]): ReportEvent {
  const names = gathers.slice(0, NAMED).map(({ name }) => name);
  const more = gathers.length > names.length ? ` and ${gathers.length - names.length} more` : '';
  const count = `${gathers.length} ${gathers.length === 1 ? 'gather' : 'gathers'}`;
  return { type: 'Normal', reason: 'Planned', message: `${count}: ${names.join(', ')}${more}` };
}

/** It has ended: with which archive, and why it lacks something. */
export function endEvent({ phase, archive, conditions = [] }: ReportStatus): ReportEvent {
  const why = conditions.find(({ type, status }) => type === 'Failure' && status === 'True')?.message;
  const what = archive === undefined ? 'no archive' : `archive of ${archive.size} bytes`;
  return {
    type: phase === 'Completed' ? 'Normal' : 'Warning',
    reason: phase ?? 'Failed',
    message: why === undefined ? what : `${what}; ${why}`,
  };
}
