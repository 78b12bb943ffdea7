import type { MustGatherReport } from '../operator/report-kind.ts';
import type { ReportWatch } from '../operator/report-watch.ts';
import { isFinal } from '../report/lifecycle.ts';

/** Calls `ended` once for each report that reaches its last phase from now on. Returns how to stop. */
export function watchEnds(watch: ReportWatch, ended: (object: MustGatherReport) => void): () => void {
  const isOver = ({ status }: MustGatherReport) => isFinal(status?.phase ?? 'New');
  const uidOf = ({ metadata }: MustGatherReport) => metadata.uid ?? '';
  const over = new Set(watch.cache.values().filter(isOver).map(uidOf));
  return watch.subscribe(({ type, object }) => {
    const uid = uidOf(object);
    if (type === 'removed') over.delete(uid);
    else if (isOver(object) && !over.has(uid)) {
      over.add(uid);
      ended(object);
    }
  });
}
