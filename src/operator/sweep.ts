import { REPORT_LABEL, RUN_BY_LABEL } from '../gather/namespace.ts';
import type { Kind } from '../kube/kinds.ts';
import { clusterRoleBindings, namespaces } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import { isFinal } from '../report/lifecycle.ts';
import { type Store, type StoredObject, UNFINISHED_FOR_MS } from '../store/store.ts';
import type { CleanUp } from './clean-up.ts';
import { keyOf, type MustGatherReport, mustGatherReports } from './report-kind.ts';

/** What is this young may belong to a report that the list of reports did not have yet. */
const YOUNG_MS = 10 * 60_000;

export type SweepOptions = {
  readonly kube: Kube;
  readonly store: Store;
  readonly cleanUp: CleanUp;
  readonly wake: (key: string) => void;
  readonly timers: Timers;
  /** Told of each thing that is removed. */
  readonly say: (line: string) => void;
};

/**
 * Finds what a crash left: bindings, namespaces and stored things of reports that are gone are removed; reports that
 * ended, and still have some, are woken to be cleaned up. Throws `KubeError` and what the store throws.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  const { kube, store, cleanUp, wake, timers, say } = options;
  await store.sweepUnfinished(timers.now() - UNFINISHED_FOR_MS);
  const stored = await store.list('');
  const bindings = await marked(kube, clusterRoleBindings);
  const places = await marked(kube, namespaces);
  // Asked for last: whatever was there before has its report in this list, if it has one.
  const reports = new Map<string, MustGatherReport>();
  for await (const report of kube.list(mustGatherReports)) reports.set(report.metadata.uid ?? '', report);

  const wakeEnded = (uid: string): boolean => {
    const report = reports.get(uid);
    if (report === undefined) return false;
    if (!isFinal(report.status?.phase ?? 'New')) return true;
    cleanUp.noteEnd(uid);
    wake(keyOf(report));
    return true;
  };
  // The rights first.
  for (const [kind, found] of [[clusterRoleBindings, bindings] as const, [namespaces, places] as const]) {
    for (const { uid, name } of found.filter((each) => !wakeEnded(each.uid))) {
      await kube.remove(kind, name, { propagationPolicy: 'Background' });
      say(`removed ${kind.kind} ${name}: report ${uid} is gone`);
    }
  }
  await sweepStore(options, stored, reports, wakeEnded);
}

async function sweepStore(
  { store, timers, say }: SweepOptions,
  stored: readonly StoredObject[],
  reports: ReadonlyMap<string, MustGatherReport>,
  wakeEnded: (uid: string) => boolean,
): Promise<void> {
  const orphans = new Set<string>();
  for (const { key, storedAtMs } of stored) {
    const [kind = '', uid = ''] = key.split('/');
    if (reports.has(uid)) {
      if (kind === 'parts') wakeEnded(uid);
    } else if (timers.now() - storedAtMs > YOUNG_MS) orphans.add(`${kind}/${uid}`);
  }
  for (const folder of orphans) {
    await store.removeFolder(folder);
    say(`removed ${folder} from the store: its report is gone`);
  }
}

async function marked(kube: Kube, kind: Kind): Promise<{ uid: string; name: string }[]> {
  const found: { uid: string; name: string }[] = [];
  for await (const { metadata } of kube.list(kind, { labelSelector: `${RUN_BY_LABEL}=service` })) {
    if (metadata.deletionTimestamp !== undefined) continue;
    found.push({ uid: metadata.labels?.[REPORT_LABEL] ?? '', name: metadata.name ?? '' });
  }
  return found;
}
