import { durationMs, formatDuration, parseDuration } from '../report/duration.ts';
import type { Spec } from '../report/spec.ts';
import type { RunMarks } from './namespace.ts';
import type { Plan, PlannedGather } from './plan.ts';
import type { GatherPodRequest } from './pod.ts';

const DEFAULT_COMMAND = '/usr/bin/gather';

/** What the pod of one planned gather is made from. */
export function podRequest(
  spec: Spec,
  plan: Plan,
  gather: PlannedGather,
  run: { readonly namespace: string; readonly marks: RunMarks },
): GatherPodRequest {
  return {
    ...run,
    gatherName: gather.name,
    image: gather.image,
    command: spec.command ?? DEFAULT_COMMAND,
    sourceDir: spec.sourceDir,
    timeoutMs: durationMs(spec.timeout),
    volumePercentage: spec.volumePercentage,
    since: spec.since === undefined ? undefined : formatDuration(parseDuration(spec.since)),
    sinceTime: spec.sinceTime,
    hostNetwork: spec.hostNetwork,
    nodeName: gather.nodeName,
    placement: plan.placement,
  };
}
