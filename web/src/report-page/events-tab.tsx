import { EmptyState, EmptyStateBody, Label, Spinner } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isOngoing, type Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { Moment } from '../time/moment.tsx';

const ASKED_EVERY_MS = 5000;

/** What the cluster's events say of a report. */
export function EventsTab({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const source = useReportSource();
  const { data, error, refetch } = useQuery({
    // Again when it has ended: its last events come with that.
    queryKey: ['report-events', report.id, report.phase],
    queryFn: ({ signal }) => source.events(report.id, signal),
    refetchInterval: isOngoing(report) ? ASKED_EVERY_MS : false,
  });
  if (data === undefined) {
    return error === null ? (
      <Spinner aria-label={t('Loading events')} />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.length === 0) {
    return (
      <EmptyState headingLevel="h2" titleText={t('No events')}>
        <EmptyStateBody>{t('The cluster forgets events after some time, an hour by default.')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <Table aria-label={t('Events')} variant="compact" gridBreakPoint="grid-md" className="muster-cards">
      <Thead>
        <Tr>
          <Th modifier="nowrap">{t('Type')}</Th>
          <Th modifier="nowrap">{t('Reason')}</Th>
          <Th width={50} modifier="nowrap">
            {t('Message')}
          </Th>
          <Th modifier="nowrap">{t('Last seen')}</Th>
          <Th modifier="nowrap">{t('Count')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {data.map(({ type, reason, message, at, count }) => (
          <Tr key={`${at} ${reason} ${message}`}>
            <Td dataLabel={t('Type')}>
              <Label {...(type === 'Warning' ? { status: 'warning' } : { color: 'grey' })}>
                {type === 'Warning' ? t('Warning') : t('Normal')}
              </Label>
            </Td>
            <Td dataLabel={t('Reason')}>{reason}</Td>
            <Td dataLabel={t('Message')} modifier="breakWord">
              <bdi>{message}</bdi>
            </Td>
            <Td dataLabel={t('Last seen')}>
              <Moment at={at} />
            </Td>
            <Td dataLabel={t('Count')}>{count}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
