import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pause } from './pause.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('waits that long, and leaves nothing at the signal', async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const waited = pause(2000, signal);
  await vi.advanceTimersByTimeAsync(1999);
  expect(removed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await waited;
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

it('ends with the signal, and at once where that has ended', async () => {
  const stop = new AbortController();
  const waited = pause(2000, stop.signal);
  stop.abort();
  await waited;
  await pause(2000, stop.signal);
  expect(vi.getTimerCount()).toBe(0);
});
