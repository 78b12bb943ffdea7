import { checkDefinition } from '../crd/check-definition.ts';
import { cleanupFinalizer } from '../crd/definition.ts';
import { isRecord, type Resource } from '../resource.ts';
import { invalid } from '../status.ts';

export const customResourceDefinitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  hasStatus: true,
  allColumns: [{ name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp ?? null }],
  prepare(definition) {
    // Its objects are removed before it goes.
    const finalizers = new Set([...(definition.metadata.finalizers ?? []), cleanupFinalizer]);
    definition.metadata.finalizers = [...finalizers];
  },
  admit(definition) {
    const { spec } = definition;
    if (isRecord(spec) && isRecord(spec.names)) {
      const kind = String(spec.names.kind ?? '');
      spec.names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...spec.names };
      spec.conversion ??= { strategy: 'None' };
    }
    const causes = checkDefinition(definition);
    if (causes.length > 0) throw invalid(customResourceDefinitions, definition.metadata.name ?? '', causes);
  },
};
