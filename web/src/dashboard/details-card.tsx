import {
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Skeleton,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../../src/report/rest-overview.ts';

type DetailsCardProps = {
  /** `undefined` until known. */
  readonly overview: Overview | undefined;
  /** It cannot be read. */
  readonly isFailed: boolean;
};

/** Which cluster this is. */
export function DetailsCard({ overview, isFailed }: DetailsCardProps) {
  const { t } = useTranslation();
  return (
    <Card component="section" aria-label={t('Details')}>
      <CardTitle component="h2">{t('Details')}</CardTitle>
      <CardBody>
        {overview !== undefined && <Details overview={overview} />}
        {overview === undefined && isFailed && t('Not known just now.')}
        {overview === undefined && !isFailed && <Skeleton screenreaderText={t('Loading details')} />}
      </CardBody>
    </Card>
  );
}

function Details({ overview: { cluster, nodes } }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const rows: readonly (readonly [string, string | undefined])[] = [
    [t('Cluster'), cluster.name],
    [t('Cluster ID'), cluster.id],
    [t('OpenShift version'), cluster.version],
    [t('Kubernetes version'), cluster.kubernetesVersion],
    [t('Provider'), cluster.provider],
    [t('API server'), cluster.apiServer],
    [t('Nodes'), nodes.total > 0 ? t('{{ready}} of {{total}} ready', nodes) : undefined],
  ];
  const known = rows.flatMap(([term, value = '']) => (value === '' ? [] : [{ term, value }]));
  return (
    <DescriptionList isCompact>
      {known.map(({ term, value }) => (
        <DescriptionListGroup key={term}>
          <DescriptionListTerm>{term}</DescriptionListTerm>
          <DescriptionListDescription className="muster-prose">
            <bdi>{value}</bdi>
          </DescriptionListDescription>
        </DescriptionListGroup>
      ))}
    </DescriptionList>
  );
}
