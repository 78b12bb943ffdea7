import { Skeleton } from '@patternfly/react-core';
import { InnerScrollContainer, Table, Tbody, Td, Th, Thead, type ThProps, Tr } from '@patternfly/react-table';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import type { ListView, SortKey } from './list-view.ts';
import { type ColumnTitles, ReportRow } from './report-row.tsx';

/** From this width down each report is a card. */
const CARDS_BELOW = 'grid-lg';

const COLUMNS = ['report', 'status', 'components', 'requester', 'started', 'duration', 'size', 'expires'] as const;

type ReportTableProps = Pick<ListView, 'sortBy' | 'isDescending'> & {
  readonly onChange: (change: Partial<ListView>) => void;
  readonly shown: readonly Report[];
  readonly chosen: readonly Report[];
  readonly onSelect: (reports: readonly Report[], isSelected: boolean) => void;
};

/** One page of reports; drawn again only when something of it is another. */
export const ReportTable = memo(OnePage);

function OnePage({ sortBy, isDescending, onChange, shown, chosen, onSelect }: ReportTableProps) {
  const { t } = useTranslation();
  const words = useReportWords();
  const titles = useColumnTitles();
  const sortOf = (key: SortKey): NonNullable<ThProps['sort']> => ({
    columnIndex: COLUMNS.indexOf(key),
    sortBy: { index: COLUMNS.indexOf(sortBy), direction: isDescending ? 'desc' : 'asc' },
    onSort: (_, __, direction) => onChange({ sortBy: key, isDescending: direction === 'desc' }),
  });
  return (
    <InnerScrollContainer>
      <Table aria-label={t('Reports')} variant="compact" gridBreakPoint={CARDS_BELOW} className="muster-cards">
        <Thead>
          <Tr>
            <Th screenReaderText={t('Selected')} />
            {COLUMNS.map((key) => (
              <Th key={key} modifier="nowrap" {...(key === 'components' ? { width: 20 } : { sort: sortOf(key) })}>
                {titles[key]}
              </Th>
            ))}
            <Th screenReaderText={t('Actions')} />
          </Tr>
        </Thead>
        <Tbody>
          {shown.map((report) => (
            <ReportRow
              key={report.id}
              report={report}
              title={words.title(report)}
              scope={words.scope(report)}
              columns={titles}
              isChosen={chosen.includes(report)}
              onSelect={onSelect}
            />
          ))}
        </Tbody>
      </Table>
    </InnerScrollContainer>
  );
}

function useColumnTitles(): ColumnTitles {
  const { t } = useTranslation();
  return useMemo(
    () => ({
      report: t('Report'),
      status: t('Status'),
      components: t('Components'),
      requester: t('Requested by'),
      started: t('Started'),
      duration: t('Duration'),
      size: t('Size'),
      expires: t('Expires'),
    }),
    [t],
  );
}

/** Stands there until the reports are known. */
export function LoadingTable() {
  const { t } = useTranslation();
  const titles = useColumnTitles();
  return (
    <Table aria-label={t('Reports')} variant="compact" aria-busy gridBreakPoint={CARDS_BELOW}>
      <Thead>
        <Tr>
          {COLUMNS.map((key) => (
            <Th key={key}>{titles[key]}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {['first', 'second', 'third'].map((row) => (
          <Tr key={row}>
            {COLUMNS.map((key) => (
              <Td key={key} dataLabel={titles[key]}>
                <Skeleton screenreaderText={key === 'report' ? t('Loading reports') : ''} />
              </Td>
            ))}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
