import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOngoing, type Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';

/** Tells a screen reader, once, of each report that ends while one looks. Shows nothing. */
export function EndingAnnouncer({ reports }: { readonly reports: readonly Report[] }) {
  const endingOf = useEndingWords();
  const running = useRef(new Set<number>());
  const [ended, setEnded] = useState<readonly Report[]>([]);
  useEffect(() => {
    const before = running.current;
    running.current = new Set(reports.filter(isOngoing).map(({ id }) => id));
    const news = reports.filter((report) => before.has(report.id) && !isOngoing(report));
    if (news.length > 0) setEnded(news);
  }, [reports]);
  return (
    <div role="status" className="pf-v6-screen-reader">
      {ended.map(endingOf).join(' ')}
    </div>
  );
}

function useEndingWords(): (report: Report) => string {
  const { t } = useTranslation();
  const words = useReportWords();
  return (report) => {
    const title = words.title(report);
    if (report.phase === 'Failed') return t('Diagnostic report {{title}} failed.', { title });
    if (report.phase === 'Cancelled') return t('Diagnostic report {{title}} was cancelled.', { title });
    if (report.phase === 'Partial') return t('Diagnostic report {{title}} is ready, but incomplete.', { title });
    return t('Diagnostic report {{title}} is ready.', { title });
  };
}
