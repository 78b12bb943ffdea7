import type { ResourceListPage } from '@openshift-console/dynamic-plugin-sdk';
import { EmptyState, PageSection } from '@patternfly/react-core';
import type { ComponentType } from 'react';
import { useParams } from 'react-router';
import { useExtensionsOf } from './extensions.ts';
import { isSameKind, kindOf } from './kinds.ts';
import { LazyPart } from './lazy-part.tsx';

/** The list of a kind, where a plugin has a page for it. */
export function ResourceList() {
  const { reference = '' } = useParams();
  const pages = useExtensionsOf<ResourceListPage>('console.page/resource/list');
  const page = pages.find(({ properties }) => isSameKind(properties.model, kindOf(reference)));
  if (page !== undefined) return <LazyPart component={page.properties.component as () => Promise<ComponentType>} />;
  return (
    <PageSection>
      <EmptyState titleText="This host has no list of this kind" headingLevel="h1" />
    </PageSection>
  );
}
