import { Flex, FlexItem } from '@patternfly/react-core';
import { QuestionCircleIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import type { Health, HealthState, Overview } from '../../../src/report/rest-overview.ts';
import { type IconStatus, StatusIcon } from './status-icon.tsx';

/** Cluster, operators and nodes, each in a word. */
export function HealthRow({ overview }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const { health, operators, nodes, cluster } = overview;
  // Plain Kubernetes has no operators to ask; other components may stand for them.
  const isPlain = cluster.version === undefined;
  const isHidden = isPlain && health.operators.state === 'unknown' && operators.length === 0;
  const title = isPlain ? t('Components') : t('Operators');
  return (
    <Flex columnGap={{ default: 'columnGap2xl' }} rowGap={{ default: 'rowGapSm' }} component="ul">
      <HealthItem title={t('Cluster')} health={health.cluster} reason={health.cluster.text} />
      {!isHidden && <HealthItem title={counted(title, operators.length)} health={health.operators} />}
      <HealthItem
        title={counted(t('Nodes'), nodes.notReady.length)}
        health={health.nodes}
        reason={nodes.notReady.length > 0 ? t('Not ready: {{names}}', { names: someOf(nodes.notReady) }) : undefined}
      />
    </Flex>
  );
}

const counted = (title: string, count: number) => (count === 0 ? title : `${title} (${count})`);

const MOST_NAMES = 3;

function someOf(names: readonly string[]): string {
  return [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ['…'] : [])].join(', ');
}

type HealthItemProps = { readonly title: string; readonly health: Health; readonly reason?: string | undefined };

function HealthItem({ title, health: { state }, reason }: HealthItemProps) {
  const words = useHealthWords();
  return (
    <FlexItem component="li" className="muster-prose">
      <Flex gap={{ default: 'gapSm' }} alignItems={{ default: 'alignItemsCenter' }}>
        <StatusIcon status={STATUSES[state]} otherwise={<QuestionCircleIcon />} />
        <span>{title}</span>
        <span className="pf-v6-screen-reader">{words[state]}</span>
      </Flex>
      {reason !== undefined && <div className="muster-aside">{reason}</div>}
    </FlexItem>
  );
}

const STATUSES: Readonly<Record<HealthState, IconStatus | undefined>> = {
  ok: 'success',
  warning: 'warning',
  error: 'danger',
  unknown: undefined,
};

function useHealthWords(): Readonly<Record<HealthState, string>> {
  const { t } = useTranslation();
  return { ok: t('healthy'), warning: t('needs attention'), error: t('not healthy'), unknown: t('unknown') };
}
