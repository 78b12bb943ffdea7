import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.ts';
import { isFinal, judge, type ReportFacts, type Verdict } from './lifecycle.ts';
import { GATHER_PHASES, PHASES } from './phases.ts';
import { GATHER_REASONS, type GatherStatus } from './status.ts';

const NOW = '2026-11-21T10:30:00Z';
const LATER = '2026-11-21T10:31:00Z';

function facts(more: Partial<ReportFacts>): ReportFacts {
  return {
    previous: {},
    gathers: undefined,
    cancelAsked: false,
    deadlinePassed: false,
    archive: 'open',
    now: NOW,
    ...more,
  };
}

function gather(name: string, more: Partial<GatherStatus>): GatherStatus {
  return { name, image: 'quay.io/x/y', phase: 'Waiting', ...more };
}

const done = gather('cluster', { phase: 'Done', files: 10, bytes: 41 });
const kept = gather('storage', {
  phase: 'Failed',
  reason: 'ExitCode',
  message: 'exit code 3: ceph not reachable',
  exitCode: 3,
  files: 2,
  bytes: 2,
});
const empty = gather('virt', { phase: 'Failed', reason: 'ImagePull', message: 'unable to pull image' });
const cut = gather('net', { phase: 'Partial', reason: 'Timeout', message: 'stopped at the deadline', files: 1 });
const stopped = gather('olm', { phase: 'Cancelled', reason: 'Cancelled', message: 'stopped on request' });

function condition(verdict: Verdict, type: string) {
  return verdict.conditions.find((item) => item.type === type);
}

describe('judge', () => {
  it('starts with New, and knows nothing of percents', () => {
    const verdict = judge(facts({}));
    expect(verdict.phase).toBe('New');
    expect(verdict.progress).toEqual({ step: 'waiting to start', files: 0, bytes: 0 });
    expect(condition(verdict, 'Initialized')).toMatchObject({ status: 'False' });
    expect(condition(verdict, 'Ready')).toMatchObject({ status: 'False', lastTransitionTime: NOW });
  });

  it.each([
    ['Gathering', [gather('a', {})]],
    ['Gathering', [done, gather('a', { phase: 'Packing' }), gather('b', { phase: 'Waiting' })]],
    ['Packing', [done, gather('a', { phase: 'Packing' })]],
    ['Packing', [done, kept]],
  ] as const)('is %s while something is open', (phase, gathers) => {
    const verdict = judge(facts({ gathers }));
    expect(verdict.phase).toBe(phase);
    expect(verdict.reason).toBeUndefined();
    expect(condition(verdict, 'Initialized')).toMatchObject({ status: 'True' });
    expect(condition(verdict, 'Ready')).toMatchObject({ status: 'False' });
  });

  it.each([
    ['Completed', [done], undefined],
    ['Partial', [done, kept], 'ExitCode'],
    ['Partial', [kept], 'ExitCode'],
    ['Partial', [done, empty], 'ImagePull'],
    ['Partial', [cut], 'Timeout'],
    ['Failed', [empty], 'ImagePull'],
    ['Cancelled', [done, stopped], 'Cancelled'],
    ['Cancelled', [stopped], 'Cancelled'],
  ] as const)('ends %s', (phase, gathers, reason) => {
    const verdict = judge(facts({ gathers, archive: 'sealed' }));
    expect(verdict).toMatchObject({ phase, progress: { percent: 100 } });
    expect(verdict.reason).toBe(reason);
    expect(condition(verdict, 'Ready')).toMatchObject({ status: 'True' });
    expect(condition(verdict, 'Failure')?.status).toBe(reason === undefined ? undefined : 'True');
  });

  it('says in one sentence what is missing', () => {
    expect(judge(facts({ gathers: [done, kept], archive: 'sealed' })).message).toBe(
      '1 of 2 gathers incomplete: storage: exit code 3: ceph not reachable',
    );
    const many = Array.from({ length: 500 }, (_, index) => ({ ...empty, name: `n${index}` }));
    expect(judge(facts({ gathers: many, archive: 'sealed' })).message).toMatch(/^500 of 500 .*; and 497 more$/);
  });

  it('fails without gathers: refused, out of time, or none to do', () => {
    const refusal = { reason: 'RightsMissing', message: 'may not create namespaces' };
    const refused = judge(facts({ refusal }));
    expect(refused).toMatchObject({ phase: 'Failed', ...refusal });
    expect(condition(refused, 'Initialized')).toMatchObject({ status: 'False', ...refusal });
    expect(judge(facts({ gathers: [] }))).toMatchObject({ phase: 'Failed', reason: 'NothingSelected' });
    expect(judge(facts({ deadlinePassed: true }))).toMatchObject({ phase: 'Failed', reason: 'NotStarted' });
    expect(judge(facts({ cancelAsked: true }))).toMatchObject({ phase: 'Cancelled', reason: 'Cancelled' });
  });

  it('fails, and is not ready, when the archive cannot be made', () => {
    const verdict = judge(facts({ gathers: [done], archive: { failed: 'no room in the store' } }));
    expect(verdict).toMatchObject({ phase: 'Failed', reason: 'ArchiveFailed', message: 'no room in the store' });
    expect(condition(verdict, 'Ready')).toMatchObject({ status: 'False', message: 'no room in the store' });
    expect(verdict.progress.percent).toBeUndefined();
  });

  it('ends what is open when the time is over, and keeps what it wrote', () => {
    const open = [
      gather('a', { phase: 'Running', files: 3 }),
      gather('b', { phase: 'Starting', message: 'no node for the pod yet' }),
      gather('c', { phase: 'Running' }),
    ];
    const { gathers, phase } = judge(facts({ gathers: open, deadlinePassed: true }));
    expect(phase).toBe('Packing');
    expect(gathers).toMatchObject([
      { phase: 'Partial', reason: 'Timeout', finishedAt: NOW },
      { phase: 'Failed', reason: 'NotStarted', message: 'no node for the pod yet' },
      { phase: 'Failed', reason: 'Timeout' },
    ]);
    const cancelled = judge(facts({ gathers: open, deadlinePassed: true, cancelAsked: true, archive: 'sealed' }));
    expect(cancelled.phase).toBe('Cancelled');
    expect(cancelled.gathers.every((item) => item.phase === 'Cancelled')).toBe(true);
  });

  it('waits for the gathers to stop when it is cancelled, and cancels nothing that is done', () => {
    expect(judge(facts({ gathers: [gather('a', { phase: 'Running' })], cancelAsked: true })).phase).toBe('Gathering');
    expect(judge(facts({ gathers: [done], cancelAsked: true, archive: 'sealed' })).phase).toBe('Completed');
  });

  it('counts percents by time, never says 100 before Ready, and never less than before', () => {
    const running = [gather('a', { phase: 'Running' })];
    const first = judge(facts({ gathers: running, elapsedMs: 500, expectedMs: 1000 }));
    expect(first.progress.percent).toBe(50);
    const second = judge(facts({ previous: again(first), gathers: running, elapsedMs: 600, expectedMs: 6000 }));
    expect(second.progress.percent).toBe(50);
    expect(judge(facts({ gathers: running, elapsedMs: 9e9, expectedMs: 1 })).progress.percent).toBe(99);
    expect(judge(facts({ gathers: running, elapsedMs: 1, expectedMs: 0 })).progress.percent).toBeUndefined();
  });

  it('forgets why a gather waited once it goes on, and keeps what is known of it', () => {
    const waiting = gather('a', { phase: 'Starting', message: 'no node for the pod yet', node: 'node-1', files: 5 });
    const first = judge(facts({ gathers: [waiting] }));
    const second = judge(facts({ previous: again(first), gathers: [gather('a', { phase: 'Running', files: 1 })] }));
    expect(second.gathers).toEqual([gather('a', { phase: 'Running', node: 'node-1', files: 5 })]);
    const back = judge(facts({ previous: again(second), gathers: [{ ...waiting, files: 7 }] }));
    expect(back.gathers).toEqual([gather('a', { phase: 'Running', node: 'node-1', files: 7 })]);
  });

  it('keeps the time of a condition that did not change', () => {
    const first = judge(facts({ gathers: [gather('a', {})] }));
    const second = judge(
      facts({ previous: again(first), gathers: [{ ...done, name: 'a' }], now: LATER, archive: 'sealed' }),
    );
    expect(condition(second, 'Initialized')?.lastTransitionTime).toBe(NOW);
    expect(condition(second, 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: LATER });
  });
});

function again({ phase, conditions, gathers, progress }: Verdict): ReportFacts['previous'] {
  return { phase, conditions: [...conditions], gathers: [...gathers], progress };
}

const observed = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    image: fc.constant('x'),
    phase: fc.constantFrom(...GATHER_PHASES),
    reason: fc.constantFrom(...GATHER_REASONS),
    files: fc.nat(50),
    bytes: fc.nat(50),
  },
  { requiredKeys: ['name', 'image', 'phase'] },
);
const event = fc.record({
  gathers: fc.option(fc.uniqueArray(observed, { maxLength: 3, selector: ({ name }) => name }), { nil: undefined }),
  cancelAsked: fc.boolean(),
  deadlinePassed: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  archive: fc.constantFrom<ReportFacts['archive'][]>('open', 'open', 'open', 'sealed', { failed: 'no room' }),
  refusal: fc.option(fc.constant({ reason: 'RightsMissing', message: 'no' }), { nil: undefined, freq: 9 }),
  elapsedMs: fc.option(fc.nat(2000), { nil: undefined }),
  expectedMs: fc.option(fc.nat(1000), { nil: undefined }),
});

const order = (phase: GatherStatus['phase']) => Math.min(GATHER_PHASES.indexOf(phase), 4);

function expectForward(before: Verdict, after: Verdict): void {
  if (isFinal(before.phase)) expect(after).toEqual(before);
  expect(PHASES.indexOf(after.phase)).toBeGreaterThanOrEqual(PHASES.indexOf(before.phase));
  for (const { type, status, lastTransitionTime } of before.conditions) {
    const now = condition(after, type);
    if (status === 'True') expect(now?.status).toBe('True');
    if (status === now?.status) expect(now.lastTransitionTime).toBe(lastTransitionTime);
  }
  expect(after.progress.percent ?? -1).toBeGreaterThanOrEqual(before.progress.percent ?? -1);
  expect(after.progress.files).toBeGreaterThanOrEqual(before.progress.files);
  expect(after.progress.bytes).toBeGreaterThanOrEqual(before.progress.bytes);
  for (const was of before.gathers) {
    const is = after.gathers.find(({ name }) => name === was.name);
    if (is === undefined) throw new Error(`${was.name} got lost`);
    expect(order(is.phase)).toBeGreaterThanOrEqual(order(was.phase));
    if (order(was.phase) === 4) expect(is).toEqual(was);
  }
}

function expectSound(verdict: Verdict): void {
  const isReady = condition(verdict, 'Ready')?.status === 'True';
  expect(verdict.progress.percent === 100).toBe(isReady);
  if (isReady) expect(isFinal(verdict.phase)).toBe(true);
  expect(verdict.reason !== undefined).toBe(isFinal(verdict.phase) && verdict.phase !== 'Completed');
  if (verdict.phase === 'Completed') expect(verdict.gathers.every(({ phase }) => phase === 'Done')).toBe(true);
}

it('never goes back, over 10,000 random sequences of events', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
      let before: Verdict | undefined;
      events.forEach((facts, minute) => {
        const now = `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z`;
        const after = judge({ ...facts, now, previous: before === undefined ? {} : again(before) });
        if (before !== undefined) expectForward(before, after);
        expectSound(after);
        seen.add(after.phase);
        before = after;
      });
    }),
    { numRuns: 10_000, seed: 20261121 },
  );
  // The sequences are worth something only when they reach every phase.
  expect([...seen].sort()).toEqual([...PHASES].sort());
});

it('says with its exit code what became of it', () => {
  expect(PHASES.map((phase) => [phase, exitCodeOf(phase)])).toEqual([
    ['New', 1],
    ['Gathering', 1],
    ['Packing', 1],
    ['Completed', 0],
    ['Partial', 4],
    ['Failed', 1],
    ['Cancelled', 130],
  ]);
});
