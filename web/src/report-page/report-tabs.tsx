import { PageSection, Spinner, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { lazy, type MouseEvent, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { Report } from '../reports/report.ts';
import { NotFound } from '../shell/not-found.tsx';
import { usePaths } from '../shell/paths.ts';
import { OverviewTab } from './overview-tab.tsx';

const FilesTab = lazy(async () => ({ default: (await import('../files/files-tab.tsx')).FilesTab }));
const LogTab = lazy(async () => ({ default: (await import('./log-tab.tsx')).LogTab }));
const EventsTab = lazy(async () => ({ default: (await import('./events-tab.tsx')).EventsTab }));

const TABS = ['overview', 'files', 'log', 'events'] as const;
type TabKey = (typeof TABS)[number];

/** The parts of a report's page, each with an address of its own. */
export function ReportTabs({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const { '*': rest = '' } = useParams();
  const paths = usePaths();
  const navigate = useNavigate();
  const first = rest.split('/')[0] ?? '';
  const current = first === '' ? 'overview' : TABS.find((key) => key === first);
  if (current === undefined) return <NotFound />;
  const titles = { overview: t('Overview'), files: t('Files'), log: t('Log'), events: t('Events') };
  const addressOf = (key: TabKey) => `${paths.report(report.id)}${key === 'overview' ? '' : `/${key}`}`;
  const go = (event: MouseEvent, key: TabKey) => {
    // With a modifier the browser opens the address elsewhere by itself.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void navigate(addressOf(key));
  };
  return (
    <>
      <PageSection type="tabs">
        <Tabs
          usePageInsets
          activeKey={current}
          aria-label={t('Parts of the report')}
          backScrollAriaLabel={t('Scroll back')}
          forwardScrollAriaLabel={t('Scroll forward')}
          onSelect={(event, key) => go(event, key as TabKey)}
        >
          {TABS.map((key) => (
            <Tab
              key={key}
              eventKey={key}
              href={addressOf(key)}
              tabContentId={`report-${key}`}
              title={<TabTitleText>{titles[key]}</TabTitleText>}
            />
          ))}
        </Tabs>
      </PageSection>
      <PageSection isFilled id={`report-${current}`} role="tabpanel" aria-label={titles[current]}>
        <Suspense fallback={<Spinner aria-label={t('Loading')} />}>
          <Content current={current} report={report} />
        </Suspense>
      </PageSection>
    </>
  );
}

function Content({ current, report }: { readonly current: TabKey; readonly report: Report }) {
  if (current === 'files') return <FilesTab report={report} />;
  if (current === 'log') return <LogTab report={report} />;
  if (current === 'events') return <EventsTab report={report} />;
  return <OverviewTab report={report} />;
}
