import type {
  Alert,
  AlertAction,
  DashboardsOverviewHealthResourceSubsystem,
  ResolvedExtension,
} from '@openshift-console/dynamic-plugin-sdk';
import {
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  Flex,
  FlexItem,
  Icon,
  type IconComponentProps,
  Popover,
  Spinner,
} from '@patternfly/react-core';
import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  UnknownIcon,
} from '@patternfly/react-icons';
import i18next from 'i18next';
import type { ComponentType, ReactNode } from 'react';
import { useAlerts, useOperators } from './cluster.ts';
import { useResolved } from './extensions.ts';
import { useK8sWatchResources, type WatchRequest, type WatchResults } from './use-watch.ts';
import { translated } from './words.ts';

type Subsystem = ResolvedExtension<DashboardsOverviewHealthResourceSubsystem>['properties'];

/** Health items, and the alerts that fire with what plugins add to them. */
export function StatusCard() {
  const [subsystems] = useResolved<DashboardsOverviewHealthResourceSubsystem>(
    'console.dashboards/overview/health/resource',
  );
  const { all, ill } = useOperators();
  return (
    <Card data-test-id="status-card" component="section" aria-label="Status">
      <CardHeader>
        <CardTitle>Status</CardTitle>
      </CardHeader>
      <CardBody>
        <Flex columnGap={{ default: 'columnGap2xl' }}>
          <HealthItem
            title="Operators"
            state={all.length === 0 ? 'LOADING' : ill.length > 0 ? 'WARNING' : 'OK'}
            message={ill.length > 0 ? `${ill.length} degraded` : undefined}
          />
          {subsystems.map(({ uid, properties }) => (
            <SubsystemItem key={uid} subsystem={properties} />
          ))}
        </Flex>
      </CardBody>
      <CardBody>
        <Alerts />
      </CardBody>
    </Card>
  );
}

function SubsystemItem({ subsystem }: { readonly subsystem: Subsystem }) {
  const { title, resources, healthHandler, popupComponent, popupTitle } = subsystem;
  const results = useK8sWatchResources(resources as Readonly<Record<string, WatchRequest>>);
  const { state, message } = healthHandler(results as never, i18next.t.bind(i18next) as never);
  const Popup = popupComponent as ComponentType<WatchResults> | undefined;
  const popup = Popup && { title: translated(popupTitle ?? title), body: <Popup {...results} /> };
  return <HealthItem title={translated(title)} state={state} message={message} popup={popup} />;
}

type HealthItemProps = {
  readonly title: string;
  readonly state: string;
  readonly message?: string | undefined;
  readonly popup?: { readonly title: string; readonly body: ReactNode } | undefined;
};

/** A name, how it is, and what opens when a person clicks it. */
function HealthItem({ title, state, message, popup }: HealthItemProps) {
  return (
    <Flex gap={{ default: 'gapSm' }} flexWrap={{ default: 'nowrap' }} data-test={`health-${title}`} data-state={state}>
      <FlexItem>
        <HealthIcon state={state} />
      </FlexItem>
      <FlexItem>
        {popup === undefined ? (
          <span>{title}</span>
        ) : (
          <Popover position="right" headerContent={popup.title} bodyContent={popup.body} maxWidth="21rem">
            <Button variant="link" isInline>
              {title}
            </Button>
          </Popover>
        )}
        {message !== undefined && <div className="host-aside">{message}</div>}
      </FlexItem>
    </Flex>
  );
}

const ICONS: Readonly<Record<string, readonly [ComponentType, IconComponentProps['status']?]>> = {
  OK: [CheckCircleIcon, 'success'],
  WARNING: [ExclamationTriangleIcon, 'warning'],
  ERROR: [ExclamationCircleIcon, 'danger'],
  PROGRESS: [InProgressIcon],
};

function HealthIcon({ state }: { readonly state: string }) {
  if (state === 'LOADING') return <Spinner size="md" aria-label="Loading" />;
  const [Drawn, status] = ICONS[state] ?? [UnknownIcon];
  return (
    <Icon {...(status === undefined ? {} : { status })}>
      <Drawn />
    </Icon>
  );
}

function Alerts() {
  const alerts = useAlerts();
  const [actions] = useResolved<AlertAction>('console.alert-action');
  return alerts.map((alert) => (
    <AlertItem
      key={`${alert.rule.name} ${alert.labels.name}`}
      alert={alert}
      action={actions.find(({ properties }) => properties.alert === alert.rule.name)?.properties}
    />
  ));
}

type AlertItemProps = {
  readonly alert: Alert;
  readonly action: ResolvedExtension<AlertAction>['properties'] | undefined;
};

/** An alert; a plugin's action stands where else the link to its details would. */
function AlertItem({ alert, action }: AlertItemProps) {
  return (
    <Flex
      gap={{ default: 'gapSm' }}
      flexWrap={{ default: 'nowrap' }}
      className="host-alert"
      data-test="status-card-alert"
    >
      <FlexItem>
        <HealthIcon state="WARNING" />
      </FlexItem>
      <FlexItem>
        <strong>{alert.rule.name}</strong>
        <div className="host-aside">{alert.annotations.description}</div>
        {action !== undefined && (
          <Button variant="link" isInline onClick={() => action.action(alert, () => undefined)}>
            {translated(action.text)}
          </Button>
        )}
      </FlexItem>
    </Flex>
  );
}
