import type { GatherReason, GatherStatus } from '../report/status.ts';
import type { CopyResult } from './collector.ts';
import type { PodState } from './pod-state.ts';

/** How a gather's command came to its end, as far as the cluster could say. */
export type GatherEnd =
  | Extract<PodState, { stage: 'ended' | 'lost' }>
  | { readonly stage: 'silent'; readonly message: string };

export type Verdict = Pick<GatherStatus, 'phase' | 'reason' | 'message' | 'exitCode'>;

/** What the wrapper writes into the termination message when it stopped the command itself. */
const STOPPED: Readonly<Record<string, { reason: GatherReason; message: string }>> = {
  Timeout: { reason: 'Timeout', message: 'stopped at the deadline' },
  DiskLimit: { reason: 'DiskLimit', message: "stopped: it wrote more than its share of the node's disk" },
  Cancelled: { reason: 'Cancelled', message: 'stopped on request' },
  PodDeleted: { reason: 'PodDeleted', message: 'its pod was deleted' },
};

/** The last words on a gather: what it is to the person, from how it ended and what could be brought out. */
export function verdictOf(end: GatherEnd, copy: CopyResult, files: number): Verdict {
  const kept = files > 0 ? ('Partial' as const) : ('Failed' as const);
  const andCopy = (message: string) => (copy.complete ? message : `${message}; ${copy.message}`);
  if (end.stage === 'silent') return { phase: kept, reason: 'Timeout', message: andCopy(end.message) };
  if (end.stage === 'lost') return { phase: kept, reason: end.reason, message: andCopy(end.message) };
  const exitCode = end.exitCode;
  const stopped = STOPPED[end.message];
  if (stopped !== undefined) {
    const phase = stopped.reason === 'Cancelled' ? 'Cancelled' : kept;
    return { phase, reason: stopped.reason, message: andCopy(stopped.message), exitCode };
  }
  if (end.reason === 'OOMKilled') {
    return { phase: kept, reason: 'OutOfMemory', message: andCopy('it ran out of memory'), exitCode };
  }
  if (exitCode !== 0) {
    return { phase: 'Failed', reason: 'ExitCode', message: andCopy(exitMessage(exitCode, end.message)), exitCode };
  }
  if (!copy.complete) return { phase: kept, reason: 'CopyFailed', message: copy.message, exitCode };
  return { phase: 'Done', exitCode };
}

function exitMessage(exitCode: number, lastWords: string): string {
  const line = lastWords.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? `exit code ${exitCode}` : `exit code ${exitCode}: ${line.slice(0, 500)}`;
}
