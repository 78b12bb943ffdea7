import { PageSection, Skeleton } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { Report } from '../reports/report.ts';
import { useReports } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { ReportGone, ReportUnknown } from './no-report.tsx';
import { ReportHeader } from './report-header.tsx';
import { ReportTabs } from './report-tabs.tsx';

/** A report that was just asked for may not have been told of yet. */
const UNKNOWN_AFTER_MS = 2000;

/** One report. */
export function ReportPage() {
  const { id = '' } = useParams();
  return <OneReport key={id} id={id} />;
}

function OneReport({ id }: { readonly id: string }) {
  const { reports, liveness, error } = useReports();
  const last = useRef<Report>();
  const report = reports.find((each) => String(each.id) === id);
  if (report !== undefined) last.current = report;
  const isKnownMissing = liveness === 'live' && report === undefined;
  const isUnknown = useLasting(isKnownMissing, UNKNOWN_AFTER_MS);
  if (error !== undefined) {
    return (
      <PageSection>
        <Failure error={error} />
      </PageSection>
    );
  }
  if (report !== undefined) return <Shown report={report} />;
  if (isKnownMissing && last.current !== undefined) {
    return <ReportGone report={last.current} again={reports.find((each) => each['retry-of'] === last.current?.id)} />;
  }
  return isUnknown ? <ReportUnknown id={id} /> : <Loading />;
}

/** True once something has been so for that long. */
function useLasting(isSo: boolean, afterMs: number): boolean {
  const [isLasting, setIsLasting] = useState(false);
  useEffect(() => {
    setIsLasting(false);
    if (!isSo) return;
    const timer = setTimeout(() => setIsLasting(true), afterMs);
    return () => clearTimeout(timer);
  }, [isSo, afterMs]);
  return isLasting && isSo;
}

function Shown({ report }: { readonly report: Report }) {
  return (
    <>
      <ReportHeader report={report} />
      <ReportTabs report={report} />
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <PageSection aria-busy>
      <Skeleton width="30%" height="2rem" screenreaderText={t('Loading the report')} />
      <br />
      <Skeleton width="60%" />
      <br />
      <Skeleton height="10rem" />
    </PageSection>
  );
}
