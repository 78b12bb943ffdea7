import { orAborted } from '../kube/abort.ts';
import type { MustGatherReport } from '../operator/report-kind.ts';
import type { ReportWatch } from '../operator/report-watch.ts';

type Change = { readonly type: 'report' | 'gone'; readonly object: MustGatherReport };

/** Changes of reports as the watch tells them; of those that nobody has taken yet, each report's last. */
export async function* watchedChanges(watch: ReportWatch, signal: AbortSignal): AsyncGenerator<Change> {
  const waiting = new Map<string, Change>();
  let wake = Promise.withResolvers<void>();
  const unsubscribe = watch.subscribe(({ type, object }) => {
    waiting.set(object.metadata.uid ?? '', { type: type === 'removed' ? 'gone' : 'report', object });
    wake.resolve();
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      if (waiting.size === 0) await orAborted(wake.promise, signal);
      wake = Promise.withResolvers();
      for (const [uid, change] of waiting) {
        waiting.delete(uid);
        yield change;
      }
    }
  } finally {
    unsubscribe();
  }
}
