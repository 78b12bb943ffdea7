import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

/** A clock that stands still until it is moved. */
function handClock() {
  let nowMs = 0;
  const alarms = new Set<{ atMs: number; run: () => void }>();
  return {
    timers: {
      now: () => nowMs,
      after: (delayMs: number, run: () => void) => {
        const alarm = { atMs: nowMs + delayMs, run };
        alarms.add(alarm);
        return () => void alarms.delete(alarm);
      },
    },
    move(ms: number) {
      nowMs += ms;
      for (const alarm of [...alarms].sort((a, b) => a.atMs - b.atMs)) {
        if (alarm.atMs > nowMs || !alarms.delete(alarm)) continue;
        alarm.run();
      }
    },
    alarms,
  };
}

/** What a worker that asks now gets at once, `nothing` where it would have to wait. */
async function takenNow(queue: WorkQueue): Promise<string | undefined | 'nothing'> {
  const taken = queue.take();
  const late = new Promise<'nothing'>((resolve) => setImmediate(() => resolve('nothing')));
  return Promise.race([taken, late]);
}

describe('the work queue', () => {
  it('hands out keys in the order in which they came, each once', async () => {
    const queue = createWorkQueue(handClock());
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.depth).toBe(3);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c']);
  });

  it('gives a key that comes again while it is worked on to nobody else, and once more afterwards', async () => {
    const queue = createWorkQueue(handClock());
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(await queue.take()).toBe('b');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await queue.take()).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('waits longer after each failure, up to a bound, and from the start again after a success', async () => {
    const clock = handClock();
    const queue = createWorkQueue({ ...clock, firstDelayMs: 100, longestDelayMs: 350 });
    for (const delayMs of [100, 200, 350, 350]) {
      queue.retry('a');
      clock.move(delayMs - 1);
      expect(queue.depth).toBe(0);
      clock.move(1);
      expect(await queue.take()).toBe('a');
      queue.done('a');
    }
    queue.forget('a');
    queue.retry('a');
    clock.move(100);
    expect(queue.depth).toBe(1);
  });

  it('of several times takes the earliest, and now before all', () => {
    const clock = handClock();
    const queue = createWorkQueue(clock);
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    clock.move(200);
    expect([queue.depth, clock.alarms.size]).toEqual([1, 0]);
    queue.addAfter('b', 500);
    queue.add('b');
    expect([queue.depth, clock.alarms.size]).toEqual([2, 0]);
  });

  it('shut down hands out what is due, then nothing, and leaves no alarm', async () => {
    const clock = handClock();
    const queue = createWorkQueue(clock);
    const idle = queue.take();
    queue.add('a');
    expect(await idle).toBe('a');
    queue.add('b');
    queue.add('a');
    queue.addAfter('c', 100);
    const [last, end] = [queue.take(), queue.take()];
    queue.shutDown();
    queue.add('d');
    expect([await last, clock.alarms.size]).toEqual(['b', 0]);
    expect(await end).toBeUndefined();
    // It came again while it was worked on: whoever starts next looks at everything anyway.
    queue.done('a');
    expect(await queue.take()).toBe('a');
    expect(await queue.take()).toBeUndefined();
  });

  it('keeps its promises whatever comes: none twice at a time, none lost', async () => {
    const numRuns = process.env.MUSTER_LONG === undefined ? 300 : 20_000;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const model = queueUnderModel();
        for (const each of steps) await each(model);
        expect(await model.lost()).toEqual([]);
      }),
      { numRuns },
    );
  });
});

/** A queue, and what must be true of it: which keys are with workers, and which were asked for since. */
function queueUnderModel() {
  const clock = handClock();
  const queue = createWorkQueue({ ...clock, firstDelayMs: 10, longestDelayMs: 40 });
  const working: string[] = [];
  const wanted = new Set<string>();
  const take = async () => {
    if (queue.depth === 0) return;
    const taken = (await queue.take()) ?? '';
    expect(working).not.toContain(taken);
    working.push(taken);
    wanted.delete(taken);
  };
  const finish = (at: number) => {
    for (const key of working.splice(at, 1)) queue.done(key);
  };
  return {
    clock,
    take,
    want(key: string, how: (queue: WorkQueue) => void) {
      wanted.add(key);
      how(queue);
    },
    finishOne: (at: number) => finish(working.length === 0 ? 0 : at % working.length),
    /** Lets all time pass and all work be done; what was asked for and never came. */
    async lost(): Promise<string[]> {
      clock.move(1000);
      while (working.length > 0) finish(0);
      while (queue.depth > 0) await take();
      expect(await takenNow(queue)).toBe('nothing');
      return [...wanted];
    },
  };
}

type Step = (model: ReturnType<typeof queueUnderModel>) => unknown;
const key = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  key.map(
    (name): Step =>
      (model) =>
        model.want(name, (queue) => queue.add(name)),
  ),
  key.map(
    (name): Step =>
      (model) =>
        model.want(name, (queue) => queue.retry(name)),
  ),
  fc.tuple(key, fc.nat(50)).map(
    ([name, delayMs]): Step =>
      (model) =>
        model.want(name, (queue) => queue.addAfter(name, delayMs)),
  ),
  fc.constant<Step>((model) => model.take()),
  fc.nat().map(
    (at): Step =>
      (model) =>
        model.finishOne(at),
  ),
  fc.integer({ min: 1, max: 100 }).map(
    (ms): Step =>
      (model) =>
        model.clock.move(ms),
  ),
);
