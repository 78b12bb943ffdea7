import type { Alert } from '@openshift-console/dynamic-plugin-sdk';
import { componentsOfAlert } from '../alerts.ts';
import { generateAnywhere } from '../anywhere.ts';
import { consoleSource } from '../console-source.ts';

const ASKED_WITHIN_MS = 5000;

/** Opens the dialog with what the alert is about; with everything where the service cannot tell (the dialog says why). */
export async function generateForAlert({ labels }: Pick<Alert, 'labels'>): Promise<void> {
  const known = await consoleSource.components(AbortSignal.timeout(ASKED_WITHIN_MS)).catch(() => undefined);
  const components = componentsOfAlert(labels.alertname, labels, known?.components ?? []);
  generateAnywhere(components.length === 0 ? {} : { components });
}
