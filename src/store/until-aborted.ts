import { orAborted } from '../kube/abort.ts';

/** What `items` gives, until the signal is aborted: also when the next one never comes. */
export async function* untilAborted<T>(
  items: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (!signal) return yield* items;
  signal.throwIfAborted();
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await orAborted(Promise.resolve(iterator.next()), signal);
      isOver = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    const end = async () => void (isOver || (await iterator.return?.()));
    // A source that hangs ends when it can: nobody waits for it, and its end is nobody's error.
    if (signal.aborted) end().catch(() => undefined);
    else await end();
  }
}
