import { namespaces } from '../kinds/namespace.ts';
import { operatorNamespaces } from './operators.ts';
import { dayMs, type Plant } from './plant.ts';
import { serviceNamespaces } from './service-versions.ts';

/** A person's own, with what the console calls them. */
export const applicationNamespaces: Readonly<Record<string, string>> = {
  'sample-shop': 'A web shop (sample)',
  'sample-vms': 'Virtual machines (sample)',
};

export function plantNamespaces(plant: Plant): void {
  const platform = ['openshift', 'openshift-cluster-version', 'openshift-config-managed', ...operatorNamespaces];
  for (const name of platform) {
    const labels = { 'openshift.io/cluster-monitoring': 'true' };
    plant.put(namespaces, { metadata: { name, labels } }, 41 * dayMs);
  }
  for (const name of serviceNamespaces) plant.put(namespaces, { metadata: { name } }, 11 * dayMs);
  for (const [name, title] of Object.entries(applicationNamespaces)) {
    const annotations = { 'openshift.io/display-name': title, 'openshift.io/requester': 'ada' };
    plant.put(namespaces, { metadata: { name, annotations } }, 9 * dayMs);
  }
}
