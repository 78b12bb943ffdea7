import type { DashboardsCard, DashboardsTab } from '@openshift-console/dynamic-plugin-sdk';
import { Grid, GridItem, PageSection, Stack, StackItem, Tab, Tabs, TabTitleText, Title } from '@patternfly/react-core';
import { Route, Routes, useLocation, useNavigate } from 'react-router';
import { ActivityCard } from './activity-card.tsx';
import { DetailsCard } from './details-card.tsx';
import { useExtensionsOf } from './extensions.ts';
import { LazyPart } from './lazy-part.tsx';
import { StatusCard } from './status-card.tsx';
import { translated } from './words.ts';

/** The overview: the cluster's own tab, and those of plugins. */
export function Dashboards() {
  const tabs = useExtensionsOf<DashboardsTab>('console.dashboards/tab');
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const current = pathname.split('/')[2] ?? '';
  return (
    <>
      <PageSection>
        <Title headingLevel="h1">Overview</Title>
        <Tabs
          activeKey={current}
          aria-label="Dashboards"
          onSelect={(_, key) => navigate(key === '' ? '/dashboards' : `/dashboards/${key}`)}
        >
          {[['', 'Cluster'], ...tabs.map(({ properties: { id, title } }) => [id, translated(title)])].map(
            ([id, title]) => (
              <Tab
                key={id}
                eventKey={id ?? ''}
                tabContentId="tab-content"
                title={<TabTitleText>{title}</TabTitleText>}
              />
            ),
          )}
        </Tabs>
      </PageSection>
      <PageSection id="tab-content">
        <Routes>
          <Route index element={<ClusterDashboard />} />
          {tabs.map(({ properties: { id } }) => (
            <Route key={id} path={id} element={<PluginDashboard tab={id} />} />
          ))}
        </Routes>
      </PageSection>
    </>
  );
}

/** The cards that Muster has to do with, at their places in the console. */
function ClusterDashboard() {
  return (
    <Grid hasGutter>
      <GridItem lg={3}>
        <DetailsCard />
      </GridItem>
      <GridItem lg={6}>
        <StatusCard />
      </GridItem>
      <GridItem lg={3}>
        <ActivityCard />
      </GridItem>
    </Grid>
  );
}

const COLUMNS = [
  ['LEFT', 3],
  ['MAIN', 6],
  ['RIGHT', 3],
] as const;

/** Main cards in the middle; columns without a card are left out. */
function PluginDashboard({ tab }: { readonly tab: string }) {
  const cards = useExtensionsOf<DashboardsCard>('console.dashboards/card').filter(
    ({ properties }) => properties.tab === tab,
  );
  const filled = COLUMNS.filter(([place]) => cards.some(({ properties }) => properties.position === place));
  const spared = 12 - filled.reduce((width, [, columns]) => width + columns, 0);
  return (
    <Grid hasGutter>
      {filled.map(([place, columns]) => (
        <GridItem key={place} lg={(place === 'MAIN' ? columns + spared : columns) as 3 | 6 | 9}>
          <Stack hasGutter>
            {cards
              .filter(({ properties }) => properties.position === place)
              .map(({ properties }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cards of one place do not change places
                <StackItem key={at}>
                  <LazyPart component={properties.component} />
                </StackItem>
              ))}
          </Stack>
        </GridItem>
      ))}
    </Grid>
  );
}
