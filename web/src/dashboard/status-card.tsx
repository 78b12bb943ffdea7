import {
  Alert,
  AlertActionLink,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  List,
  ListItem,
  Skeleton,
  Stack,
  StackItem,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Overview } from '../../../src/report/rest-overview.ts';
import { useGenerate } from '../generate/use-generate.ts';
import type { ReportList } from '../reports/report-source.ts';
import { usePaths } from '../shell/paths.ts';
import { AlertList } from './alert-list.tsx';
import { Folded } from './folded.tsx';
import { HealthRow } from './health-row.tsx';
import { Kebab } from './kebab.tsx';
import { OperatorMessages } from './operator-messages.tsx';
import { PinnedMessages, usePinned } from './pinned-messages.tsx';
import { useKeptFocus } from './use-kept-focus.ts';

type StatusCardProps = {
  readonly list: ReportList;
  /** `undefined` until known. */
  readonly overview: Overview | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
};

/** How the cluster is; above all else, the reports there are to fetch. */
export function StatusCard({ list, overview, error, onRetry }: StatusCardProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const paths = usePaths();
  const generate = useGenerate();
  const pinned = usePinned(list.reports);
  const { place, onLeave } = useKeptFocus(pinned);
  const actions = [
    { title: t('Generate diagnostic report'), run: () => generate() },
    { title: t('View reports'), run: () => void navigate(paths.reports) },
  ];
  return (
    <Card component="section" aria-label={t('Status')}>
      <CardHeader actions={{ actions: <Kebab label={t('Status actions')} actions={actions} />, hasNoOffset: false }}>
        <CardTitle component="h2">{t('Status')}</CardTitle>
      </CardHeader>
      <CardBody>
        <div ref={place} tabIndex={-1}>
          <Stack hasGutter>
            <StackItem>
              {overview !== undefined && <HealthRow overview={overview} />}
              {overview === undefined && error === null && <Skeleton screenreaderText={t('Loading health')} />}
              {error !== null && <Unread error={error} onRetry={onRetry} />}
            </StackItem>
            {list.liveness === 'loading' && (
              <StackItem>
                <Skeleton height="6rem" screenreaderText={t('Loading reports')} />
              </StackItem>
            )}
            {pinned.length > 0 && (
              <StackItem>
                <PinnedMessages reports={pinned} onLeave={onLeave} />
              </StackItem>
            )}
            {overview !== undefined && <Trouble overview={overview} />}
          </Stack>
        </div>
      </CardBody>
    </Card>
  );
}

function Unread({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert
      isInline
      variant="warning"
      variantLabel={t('Warning:')}
      component="h3"
      title={t('The health of the cluster could not be read')}
      actionLinks={<AlertActionLink onClick={onRetry}>{t('Try again')}</AlertActionLink>}
    >
      <span className="muster-prose">{error.message}</span>
    </Alert>
  );
}

function Trouble({ overview: { operators, alerts, warnings } }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  return (
    <>
      {operators.length > 0 && (
        <StackItem>
          <OperatorMessages operators={operators} />
        </StackItem>
      )}
      {alerts !== null && alerts.length > 0 && (
        <StackItem>
          <AlertList alerts={alerts} />
        </StackItem>
      )}
      {warnings.length > 0 && (
        <StackItem>
          <Folded title={t('Not everything could be read')}>
            <List>
              {warnings.map((warning) => (
                <ListItem key={warning} className="muster-prose">
                  {warning}
                </ListItem>
              ))}
            </List>
          </Folded>
        </StackItem>
      )}
    </>
  );
}
