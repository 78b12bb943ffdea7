import { Button, PageSection, Title } from '@patternfly/react-core';
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGenerate } from '../generate/use-generate.ts';
import type { Report } from '../reports/report.ts';
import { useReportSource, useReports } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { ListToolbar } from './list-toolbar.tsx';
import { matchingReports } from './list-view.ts';
import { NoMatches, NoReports } from './no-reports.tsx';
import { ReportPages } from './report-pages.tsx';
import { LoadingTable, ReportTable } from './report-table.tsx';
import { useListView } from './use-list-view.ts';

/** All reports. */
export function ReportListPage() {
  const { t } = useTranslation();
  const { reports, liveness, error } = useReports();
  const generate = useGenerate();
  return (
    <>
      <PageSection>
        <div className="muster-header">
          <Title headingLevel="h1">{t('Reports')}</Title>
          {reports.length > 0 && <Button onClick={() => generate()}>{t('Generate diagnostic report')}</Button>}
        </div>
      </PageSection>
      <PageSection hasBodyWrapper={false}>
        {error !== undefined && <Failure error={error} />}
        {error === undefined && liveness === 'loading' && <LoadingTable />}
        {error === undefined && liveness !== 'loading' && reports.length === 0 && (
          <NoReports onGenerate={() => generate()} />
        )}
        {error === undefined && reports.length > 0 && <List reports={reports} />}
      </PageSection>
    </>
  );
}

function List({ reports }: { readonly reports: readonly Report[] }) {
  const { view, change } = useListView();
  const { serverNow } = useReportSource();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const { phases, sortBy, isDescending, perPage } = view;
  const text = useDeferredValue(view.text);
  const matching = useMemo(
    () => matchingReports(reports, { text, phases, sortBy, isDescending }, serverNow()),
    [reports, text, phases, sortBy, isDescending, serverNow],
  );
  // What is gone, or no longer shown, is not deleted along with what is.
  const chosen = useMemo(() => matching.filter(({ id }) => selected.has(id)), [matching, selected]);
  const page = Math.min(view.page, Math.max(1, Math.ceil(matching.length / perPage)));
  const shown = useMemo(() => matching.slice((page - 1) * perPage, page * perPage), [matching, page, perPage]);
  const latest = useRef(chosen);
  latest.current = chosen;
  // The same with every key that is pressed in the search, so that no row is drawn again for it.
  const select = useCallback((those: readonly Report[], isSelected: boolean) => {
    const ids = new Set(latest.current.map(({ id }) => id));
    for (const { id } of those) {
      if (isSelected) ids.add(id);
      else ids.delete(id);
    }
    setSelected(ids);
  }, []);
  const pages = (variant: 'top' | 'bottom') => (
    <ReportPages variant={variant} count={matching.length} page={page} perPage={perPage} onChange={change} />
  );
  return (
    <>
      <ListToolbar
        view={view}
        onChange={change}
        matching={matching}
        shown={shown}
        chosen={chosen}
        onSelect={select}
        pages={pages('top')}
      />
      {matching.length === 0 ? (
        <NoMatches onClear={() => change({ text: '', phases: [] })} />
      ) : (
        <ReportTable
          sortBy={sortBy}
          isDescending={isDescending}
          onChange={change}
          shown={shown}
          chosen={chosen}
          onSelect={select}
        />
      )}
      {matching.length > shown.length && pages('bottom')}
    </>
  );
}
