import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('serve whoever has fewest running first, and in order else', async () => {
    const slots = createSlots(2);
    const served: string[] = [];
    const releases: (() => void)[] = [];
    const ask = (who: string, name: string) =>
      slots.take(who, never).then((release) => {
        served.push(name);
        releases.push(release);
      });
    for (const name of ['a1', 'a2', 'a3', 'a4']) void ask('ada', name);
    void ask('bob', 'b1');
    void ask('bob', 'b2');
    await settle();
    expect([served, slots.running, slots.waiting]).toEqual([['a1', 'a2'], 2, 4]);
    for (const release of [0, 1, 2, 3, 4, 5]) {
      releases[release]?.();
      await settle();
    }
    // Bob has none running when the first slot comes free, though Ada asked before.
    expect(served).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
  });

  it('are given back once, however often they are', async () => {
    const slots = createSlots(1);
    const release = await slots.take('ada', never);
    release();
    release();
    await slots.take('ada', never);
    void slots.take('ada', never);
    await settle();
    expect([slots.running, slots.waiting]).toEqual([1, 1]);
  });

  it('are not waited for by who gives up, nor kept from the next', async () => {
    const slots = createSlots(1);
    const release = await slots.take('ada', never);
    const leaving = new AbortController();
    const left = slots.take('bob', leaving.signal);
    const next = slots.take('cid', never);
    leaving.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    await expect(slots.take('bob', leaving.signal)).rejects.toThrow('enough');
    release();
    await next;
    expect([slots.running, slots.waiting]).toEqual([1, 0]);
  });
});
