import type { Kube } from '../kube/kube.ts';
import type { Inspected, InspectionOptions } from './inspect.ts';

/** What is dumped when nothing is named. */
export async function defaultInspection(_kube: Kube, _options: InspectionOptions): Promise<Inspected> {
  throw new Error('not there yet');
}

/** What is dumped when the gathers brought nothing (oc §2.11). */
export async function fallbackInspection(_kube: Kube, _options: InspectionOptions): Promise<Inspected> {
  throw new Error('not there yet');
}
