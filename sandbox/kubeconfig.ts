import { stringify } from 'yaml';
import type { Certificates } from './certificates.ts';

/** A kubeconfig for the sandbox at `server`, as its administrator. Holds a private key: write it with mode 600. */
export function kubeconfigOf(server: string, { caPem, admin }: Certificates): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const name = 'muster-sandbox';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [
      {
        name,
        user: { 'client-certificate-data': base64(admin.certificatePem), 'client-key-data': base64(admin.keyPem) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  });
}
