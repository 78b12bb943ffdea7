import { sleep, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { createPatience } from './patience.ts';
import { lookAtReport, type ReportAnswer } from './report-answer.ts';
import type { Screen } from './screen.ts';
import type { ServiceClient } from './service-client.ts';

export type WaitOptions = {
  readonly service: ServiceClient;
  readonly id: number;
  readonly screen: Screen;
  readonly timers: Timers;
  readonly interrupt: AbortSignal;
};

const LOOK_EVERY_MS = 1000;
const FINAL: readonly string[] = ['Completed', 'Partial', 'Failed', 'Cancelled'];

/**
 * The report once it has ended, its gathers shown meanwhile. A service that is away for minutes is waited for. Throws
 * MusterError Interrupted, which leaves the report running.
 */
export async function waitForEnd({ service, id, screen, timers, interrupt }: WaitOptions): Promise<ReportAnswer> {
  const note = (line: string) => screen.observer.note(line, undefined, 'warning');
  const patience = createPatience({ timers, signal: interrupt, note });
  try {
    for (;;) {
      const report = await look(service, id, interrupt, patience.failed);
      if (report !== undefined) {
        patience.succeeded();
        for (const gather of report.gathers ?? []) screen.observer.gather(gather);
        if (FINAL.includes(report.phase)) return report;
        await sleep(timers, LOOK_EVERY_MS, interrupt);
      }
    }
  } catch (error) {
    if (!interrupt.aborted) throw error;
    throw new MusterError('Interrupted', `Report ${id} goes on without you; "muster report cancel ${id}" would end it`);
  }
}

async function look(
  service: ServiceClient,
  id: number,
  signal: AbortSignal,
  failed: (error: unknown) => Promise<void>,
): Promise<ReportAnswer | undefined> {
  try {
    return await lookAtReport(service, id, signal);
  } catch (error) {
    await failed(error);
    return undefined;
  }
}
