import type { DashboardsOverviewResourceActivity, K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import { Card, CardBody, CardHeader, CardTitle, List, ListItem, Title } from '@patternfly/react-core';
import type { ComponentType } from 'react';
import { useResolved } from './extensions.ts';
import { useK8sWatchResources, type WatchRequest } from './use-watch.ts';

/** What goes on in the cluster, as plugins tell it of objects; the newest first. */
export function ActivityCard() {
  const [extensions] = useResolved<DashboardsOverviewResourceActivity>('console.dashboards/overview/activity/resource');
  const requests = Object.fromEntries(
    extensions.map(({ uid, properties }) => [uid, properties.k8sResource as WatchRequest] as const),
  );
  const results = useK8sWatchResources(requests);
  const activities = extensions
    .flatMap(({ uid, properties: { isActivity, getTimestamp, component } }) =>
      ((results[uid]?.data ?? []) as readonly K8sResourceCommon[])
        .filter((resource) => isActivity?.(resource) ?? true)
        .map((resource) => ({ resource, startedAt: getTimestamp?.(resource), component })),
    )
    .sort((a, b) => Number(b.startedAt) - Number(a.startedAt));
  return (
    <Card data-test-id="activity-card" component="section" aria-label="Activity">
      <CardHeader>
        <CardTitle>Activity</CardTitle>
      </CardHeader>
      <CardBody>
        <Title headingLevel="h3">Ongoing</Title>
        {activities.length === 0 && <div className="host-aside">There are no ongoing activities.</div>}
        <List isPlain>
          {activities.map(({ resource, startedAt, component }) => (
            <ListItem key={resource.metadata?.uid}>
              <Activity resource={resource} startedAt={startedAt} component={component} />
            </ListItem>
          ))}
        </List>
      </CardBody>
    </Card>
  );
}

type ActivityProps = {
  readonly resource: K8sResourceCommon;
  readonly startedAt: Date | undefined;
  readonly component: ComponentType<{ readonly resource: K8sResourceCommon }>;
};

function Activity({ resource, startedAt, component: Drawn }: ActivityProps) {
  return (
    <>
      {startedAt !== undefined && <div className="host-aside">Started {startedAt.toLocaleTimeString()}</div>}
      <Drawn resource={resource} />
    </>
  );
}
