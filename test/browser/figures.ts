import type { Page } from 'playwright-core';

/** What the main thread of a page had to do meanwhile, in milliseconds of CPU: other work shares the cores. */
export type Figures = {
  /** All of it. */
  readonly cpuMs: number;
  /** JavaScript of it. */
  readonly scriptMs: number;
  /** The longest task: for so long nothing moves and no key is taken. */
  readonly longestTaskMs: number;
};

/** Measures what a page does while something is done in it, and for `settleMs` after. Told, never asserted. */
export type Measure = (act: () => Promise<void>, settleMs?: number) => Promise<Figures>;

type TraceEvent = {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
};

export async function measuring(page: Page): Promise<Measure> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const scriptMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0);
  };
  return async (act, settleMs = 500) => {
    const before = await scriptMs();
    await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', '__metadata'] });
    await act();
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
    return { ...tasksIn(traceEvents), scriptMs: (await scriptMs()) - before };
  };
}

/** Of the page that did most. */
function tasksIn(events: readonly TraceEvent[]): Omit<Figures, 'scriptMs'> {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const all = mains.map(({ pid, tid }) => {
    const tasks = events.filter((event) => event.name === 'RunTask' && event.pid === pid && event.tid === tid);
    const times = tasks.map(({ tdur = 0 }) => tdur / 1000);
    return { cpuMs: times.reduce((sum, ms) => sum + ms, 0), longestTaskMs: Math.max(0, ...times) };
  });
  return all.sort((one, other) => other.cpuMs - one.cpuMs)[0] ?? { cpuMs: 0, longestTaskMs: 0 };
}

/** For docs/performance.md: a line of them. */
export function tellFigures(what: string, figures: Readonly<Record<string, number>>): void {
  const told = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  process.stdout.write(`figures: ${what}: ${told.join(', ')}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
