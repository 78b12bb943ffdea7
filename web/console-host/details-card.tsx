import type { CustomOverviewDetailItem, K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import {
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { useResolved } from './extensions.ts';
import { useK8sWatchResource } from './use-watch.ts';
import { translated } from './words.ts';

type ClusterVersion = K8sResourceCommon & {
  readonly spec?: { readonly clusterID?: string };
  readonly status?: { readonly desired?: { readonly version?: string } };
};

/** What the cluster is, and what plugins add to it. */
export function DetailsCard() {
  const [version] = useK8sWatchResource<ClusterVersion | undefined>({
    kind: 'config.openshift.io~v1~ClusterVersion',
    name: 'version',
  });
  const [items] = useResolved<CustomOverviewDetailItem>('console.dashboards/custom/overview/detail/item');
  return (
    <Card data-test-id="details-card" component="section" aria-label="Details">
      <CardHeader>
        <CardTitle>Details</CardTitle>
      </CardHeader>
      <CardBody>
        <DescriptionList>
          <Detail title="Cluster ID">{version?.spec?.clusterID}</Detail>
          <Detail title="OpenShift version">{version?.status?.desired?.version}</Detail>
          {items.map(({ uid, properties: { title, component: Value } }) => (
            <Detail key={uid} title={translated(title)}>
              <Value />
            </Detail>
          ))}
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

export function Detail({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{title}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
