import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import type { Question } from './confirm.tsx';

type Questions = {
  /** Where an archive goes with the report. */
  readonly retry: (report: Report) => Question;
  readonly cancel: (report: Report) => Question;
  /** Of all of them, of which this is the first. */
  readonly remove: (first: Report, count: number) => Question;
};

/** What a person is asked before an action. */
export function useQuestions(): Questions {
  const { t } = useTranslation();
  const words = useReportWords();
  return {
    retry: (report) => ({
      title: t('Retry report?'),
      text: t(
        '{{title}} is deleted for everybody, and so is its archive ({{size}}). Download it first if you want to keep what was gathered.',
        { title: words.title(report), size: formatSize(report['archive-size']) },
      ),
      yes: t('Delete and retry'),
    }),
    cancel: (report) => ({
      title: t('Cancel report?'),
      text: t('{{title}} stops gathering. What was gathered so far is kept for 12 hours.', {
        title: words.title(report),
      }),
      yes: t('Cancel report'),
      no: t('Go on gathering'),
    }),
    remove: (first, count) => ({
      title: t('deleteReports', {
        count,
        defaultValue_one: 'Delete report?',
        defaultValue_other: 'Delete {{count}} reports?',
      }),
      text:
        count === 1
          ? t('{{title}} and its archive are deleted for everybody. This cannot be undone.', {
              title: words.title(first),
            })
          : t('They and their archives are deleted for everybody. This cannot be undone.'),
      yes: t('Delete'),
    }),
  };
}
