import { fieldAt, isRecord, type Resource, type Stored, textOf } from '../resource.ts';

export const imageStreams: Resource = {
  group: 'image.openshift.io',
  version: 'v1',
  plural: 'imagestreams',
  kind: 'ImageStream',
  namespaced: true,
  singular: 'imagestream',
  shortNames: ['is'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    { name: 'Image Repository', cell: (stream) => textOf(fieldAt(stream, 'status.dockerImageRepository')) },
    { name: 'Tags', cell: tagsOf },
  ],
};

function tagsOf(stream: Stored): string {
  const tags = fieldAt(stream, 'status.tags');
  return Array.isArray(tags)
    ? tags
        .filter(isRecord)
        .map(({ tag }) => textOf(tag))
        .join(',')
    : '';
}
