import type { UnknownObject } from '../kube/kinds.ts';

/** What one object says of another. An empty name means all of the resource. */
export type Reference = {
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string | undefined;
};

type Fields = { readonly [key: string]: unknown };

/**
 * What an inspection follows from an object: `status.relatedObjects` of any; of webhook configurations and of CRDs
 * with a conversion webhook, the namespace of the service that answers them (reference, oc §2.12).
 */
export function relatedTo(groupResource: string, object: UnknownObject): Reference[] {
  const references = list(fields(object.status).relatedObjects).map((related) => ({
    group: text(related.group),
    resource: text(related.resource),
    name: text(related.name),
    namespace: text(related.namespace) || undefined,
  }));
  return [...references.filter(({ resource }) => resource !== ''), ...serviceNamespaces(groupResource, object)];
}

function serviceNamespaces(groupResource: string, object: UnknownObject): Reference[] {
  const clients = webhookClients(groupResource, object);
  const names = clients.map((client) => text(fields(fields(client).service).namespace));
  return [...new Set(names)]
    .filter((name) => name !== '')
    .map((name) => ({ group: '', resource: 'namespaces', name, namespace: undefined }));
}

function webhookClients(groupResource: string, object: UnknownObject): unknown[] {
  switch (groupResource) {
    case 'mutatingwebhookconfigurations.admissionregistration.k8s.io':
    case 'validatingwebhookconfigurations.admissionregistration.k8s.io':
      return list(object.webhooks).map(({ clientConfig }) => clientConfig);
    case 'customresourcedefinitions.apiextensions.k8s.io':
      return [fields(fields(fields(object.spec).conversion).webhook).clientConfig];
    default:
      return [];
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
