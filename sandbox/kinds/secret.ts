import { isRecord, type Resource, textOf } from '../resource.ts';

export const secrets: Resource = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  singular: 'secret',
  fields: ['type'],
  columns: [
    { name: 'Type', cell: ({ type }) => textOf(type) },
    { name: 'Data', cell: ({ data }) => (isRecord(data) ? Object.keys(data).length : 0) },
  ],
  admit(secret) {
    secret.type ||= 'Opaque';
    if (!isRecord(secret.stringData)) return;
    const encoded = Object.entries(secret.stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ]);
    secret.data = { ...(isRecord(secret.data) ? secret.data : {}), ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
};
