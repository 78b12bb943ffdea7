import { join } from 'node:path';
import type { UsualImages } from '../gather/images.ts';
import { type PlannedGather, planGathers } from '../gather/plan.ts';
import { runServiceReport, type ServiceRunOptions } from '../gather/service-run.ts';
import type { Slots } from '../gather/slots.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import type { Spec } from '../report/spec.ts';
import type { GatherStatus } from '../report/status.ts';
import type { Store } from '../store/store.ts';
import type { OtherClusters } from './other-clusters.ts';
import type { GatherEngine } from './reconcile.ts';

export type EngineOptions = {
  readonly kube: Kube;
  readonly others: Pick<OtherClusters, 'at'>;
  readonly store: Store;
  readonly slots: Slots;
  /** On this machine, for what is worth nothing to another process. */
  readonly workDirectory: string;
  readonly usualImages: UsualImages;
  readonly packers?: ServiceRunOptions['packers'];
  readonly clientVersion: string;
  readonly timers: Timers;
  /** Told of what is tried again, and of which report it is. */
  readonly onError: (error: unknown, reportUid: string) => void;
};

/** The engine over pods of a cluster. */
export function createEngine(options: EngineOptions): GatherEngine {
  const clusterOf = async ({ server }: Spec): Promise<Kube> => {
    if (server === undefined) return options.kube;
    return await options.others.at(server);
  };
  return {
    clusterOf,
    plan: async (spec, signal) => {
      const { gathers, warnings } = await planGathers(await clusterOf(spec), spec, signal, options.usualImages);
      return { gathers: gathers.map(waiting), warnings };
    },
    run: async (report, signals) =>
      await runServiceReport({
        ...options,
        // Packers of another cluster do not reach this server.
        packers: report.spec.server === undefined ? options.packers : undefined,
        kube: await clusterOf(report.spec),
        report: { ...report, gathers: report.statuses.map((status) => planned(status, report.spec)) },
        workDirectory: join(options.workDirectory, report.uid),
        ...signals,
        onError: (error) => options.onError(error, report.uid),
      }),
  };
}

function waiting({ name, image, nodeName }: PlannedGather): GatherStatus {
  return { name, image, phase: 'Waiting', ...(nodeName === undefined ? {} : { node: nodeName }) };
}

/** A status tells the node that a gather runs on; where nobody chose one, it is the scheduler's. */
function planned({ name, image, node }: GatherStatus, { nodeName, nodeSelector }: Spec): PlannedGather {
  return { name, image, nodeName: nodeName ?? (nodeSelector === undefined ? undefined : node) };
}
