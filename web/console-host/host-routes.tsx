import type { RoutePage } from '@openshift-console/dynamic-plugin-sdk';
import { EmptyState, PageSection } from '@patternfly/react-core';
import { Navigate, Route, Routes } from 'react-router';
import { Dashboards } from './dashboards.tsx';
import { useExtensionsOf } from './extensions.ts';
import { LazyPart } from './lazy-part.tsx';
import { ResourceCreate } from './resource-create.tsx';
import { ResourceDetails } from './resource-details.tsx';
import { ResourceList } from './resource-list.tsx';

/** The host's own pages and those of plugins. A path that is not `exact` stands for what is below it, too. */
export function HostRoutes() {
  const pages = useExtensionsOf<RoutePage>('console.page/route');
  return (
    <Routes>
      <Route path="/" element={<Navigate to="/dashboards" replace />} />
      <Route path="/dashboards/*" element={<Dashboards />} />
      <Route path="/k8s/all-namespaces/:reference" element={<ResourceList />} />
      <Route path="/k8s/ns/:namespace/:reference" element={<ResourceList />} />
      <Route path="/k8s/ns/:namespace/:reference/~new" element={<ResourceCreate />} />
      <Route path="/k8s/ns/:namespace/:reference/:name/*" element={<ResourceDetails />} />
      {pages.flatMap(({ properties: { path, exact, component } }) =>
        [path].flat().map((each) => {
          const pattern = exact === true ? each : `${each}/*`;
          return <Route key={pattern} path={pattern} element={<LazyPart component={component} />} />;
        }),
      )}
      <Route path="*" element={<NoSuchPage />} />
    </Routes>
  );
}

function NoSuchPage() {
  return (
    <PageSection>
      <EmptyState titleText="404: Page Not Found" headingLevel="h1" />
    </PageSection>
  );
}
