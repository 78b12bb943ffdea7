import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, configMaps, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { COUNTER_NAME, createNumbers } from './numbers.ts';

describe('the numbers of reports', () => {
  let world: AccessWorld;
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterAll(() => world.close());
  const soon = () => AbortSignal.timeout(25_000);

  it('begin with 1 and follow one another', async () => {
    const numbers = createNumbers(world.admin, { namespace: await world.makeNamespace() });
    const taken = [await numbers.next(soon()), await numbers.next(soon()), await numbers.next(soon())];
    expect(taken).toEqual([1, 2, 3]);
  });

  it.each([
    ['on a quiet cluster', 0],
    ['where one request in five goes wrong', 20],
  ])('are given once, to 200 callers of four replicas at once, %s', async (_name, percent) => {
    const namespace = await world.makeNamespace();
    const replicas = Array.from({ length: 4 }, () => createNumbers(world.admin, { namespace }));
    world.sandbox.faults.set([
      { fault: { kind: 'refuse', code: 409 }, percent },
      { fault: { kind: 'refuse', code: 500 }, percent: percent / 2 },
      { fault: { kind: 'cut' }, percent: percent / 2 },
    ]);
    try {
      const callers = Array.from({ length: 200 }, (_value, index) => replicas[index % 4]?.next(soon()));
      const taken = await Promise.all(callers);
      expect(new Set(taken).size).toBe(200);
      expect(Math.min(...taken.map(Number))).toBeGreaterThan(0);
    } finally {
      world.sandbox.faults.set([]);
    }
  });

  it('begin also where nobody hears that their counter was made', async () => {
    const namespace = await world.makeNamespace();
    world.sandbox.faults.set([{ fault: { kind: 'cut' }, percent: 100, methods: ['POST'] }]);
    try {
      expect(await createNumbers(world.admin, { namespace }).next(soon())).toBe(1);
    } finally {
      world.sandbox.faults.set([]);
    }
  });

  it('go on where others left off, and never back', async () => {
    const namespace = await world.makeNamespace();
    await world.admin.create(configMaps, { metadata: { name: COUNTER_NAME }, data: { last: '41' } }, { namespace });
    expect(await createNumbers(world.admin, { namespace }).next(soon())).toBe(42);
  });

  it('are not made up where the counter holds none', async () => {
    const namespace = await world.makeNamespace();
    await world.admin.create(configMaps, { metadata: { name: COUNTER_NAME }, data: { last: 'x' } }, { namespace });
    const numbers = createNumbers(world.admin, { namespace });
    await expect(numbers.next(soon())).rejects.toThrow(/holds "x" where the last number/);
    // And the next caller is not left waiting behind the one who was refused.
    await expect(numbers.next(soon())).rejects.toThrow(/holds "x"/);
  });

  it('are not waited for by who gives up', async () => {
    const numbers = createNumbers(world.admin, { namespace: await world.makeNamespace() });
    await expect(numbers.next(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    const leaving = new AbortController();
    const left = numbers.next(leaving.signal);
    leaving.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    expect(await numbers.next(soon())).toBeGreaterThan(0);
  });
});
