import { fieldAt, type Resource, type Stored, textOf } from '../resource.ts';

export const events: Resource = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  singular: 'event',
  shortNames: ['ev'],
  fields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  columns: [
    { name: 'Type', cell: ({ type }) => textOf(type) },
    { name: 'Reason', cell: ({ reason }) => textOf(reason) },
    { name: 'Object', cell: objectOf },
    { name: 'Message', cell: ({ message }) => textOf(message) },
  ],
};

function objectOf(event: Stored): string {
  const kind = textOf(fieldAt(event, 'involvedObject.kind')).toLowerCase();
  return `${kind}/${textOf(fieldAt(event, 'involvedObject.name'))}`;
}
