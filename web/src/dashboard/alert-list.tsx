import { Button, Flex, FlexItem, Label, List, ListItem } from '@patternfly/react-core';
import { BellIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import type { ActiveAlert } from '../../../src/report/rest-overview.ts';
import { useGenerate } from '../generate/use-generate.ts';
import { Moment } from '../time/moment.tsx';
import { Folded } from './folded.tsx';
import { type IconStatus, StatusIcon } from './status-icon.tsx';

const SHOWN = 5;

/** The alerts that fire, in the order given. */
export function AlertList({ alerts }: { readonly alerts: readonly ActiveAlert[] }) {
  const { t } = useTranslation();
  const rest = alerts.slice(SHOWN);
  return (
    <section aria-label={t('Alerts')}>
      <Alerts alerts={alerts.slice(0, SHOWN)} />
      {rest.length > 0 && (
        <Folded
          title={t('moreAlerts', {
            count: rest.length,
            defaultValue_one: '{{count}} more alert',
            defaultValue_other: '{{count}} more alerts',
          })}
        >
          <Alerts alerts={rest} />
        </Folded>
      )}
    </section>
  );
}

function Alerts({ alerts }: { readonly alerts: readonly ActiveAlert[] }) {
  return (
    <List isPlain isBordered>
      {[...byWords(alerts)].map(([words, same]) => (
        <ListItem key={words}>{same[0] !== undefined && <AlertItem alert={same[0]} count={same.length} />}</ListItem>
      ))}
    </List>
  );
}

/** The same rule fires for many things; what reads the same is told once. */
function byWords(alerts: readonly ActiveAlert[]): ReadonlyMap<string, readonly ActiveAlert[]> {
  return Map.groupBy(alerts, ({ name, activeSince, summary }) => [name, activeSince, summary].join(' '));
}

type AlertItemProps = { readonly alert: ActiveAlert; readonly count: number };

function AlertItem({ alert, count }: AlertItemProps) {
  const { t } = useTranslation();
  const generate = useGenerate();
  const { name, severity, summary, activeSince, component } = alert;
  return (
    <Flex flexWrap={{ default: 'nowrap' }} alignItems={{ default: 'alignItemsFlexStart' }} gap={{ default: 'gapSm' }}>
      <FlexItem>
        <StatusIcon status={STATUSES.get(severity)} otherwise={<BellIcon />} />
      </FlexItem>
      <FlexItem grow={{ default: 'grow' }} className="muster-prose">
        <Flex gap={{ default: 'gapSm' }}>
          <bdi>{count === 1 ? name : `${name} (${count})`}</bdi>
          <Label isCompact variant="outline">
            {severity}
          </Label>
          <span className="muster-aside">
            <Moment at={activeSince} />
          </span>
        </Flex>
        <div>
          <bdi>{summary}</bdi>
        </div>
        {component !== undefined && (
          <Button
            variant="link"
            isInline
            aria-label={t('Generate report of {{title}}', { title: component })}
            onClick={() => generate({ components: [component] })}
          >
            {t('Generate report')}
          </Button>
        )}
      </FlexItem>
    </Flex>
  );
}

/** Rules may have severities of their own. */
const STATUSES: ReadonlyMap<string, IconStatus> = new Map([
  ['critical', 'danger'],
  ['warning', 'warning'],
  ['info', 'info'],
]);
