import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { useSay } from '../shell/toasts.tsx';

/** Has an archive read from end to end by the service, and says how it is. */
export function useVerify(): (report: Report) => Promise<void> {
  const { t } = useTranslation();
  const source = useReportSource();
  const words = useReportWords();
  const say = useSay();
  return async (report) => {
    const title = words.title(report);
    say({ variant: 'info', title: t('Verifying the archive of {{title}}…', { title }) });
    try {
      const { state } = await source.verify(report.id);
      if (state === 'same') {
        say({ variant: 'success', title: t('The archive of {{title}} is as it was sealed', { title }) });
      } else if (state === 'missing') {
        say({ variant: 'danger', title: t('The archive of {{title}} is no longer in the store', { title }) });
      } else {
        say({
          variant: 'danger',
          title: t('The archive of {{title}} is damaged', { title }),
          text: t('Its bytes are not those that were sealed. Generate the report again.'),
        });
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      say({ variant: 'danger', title: t('The archive of {{title}} could not be verified', { title }), text });
    }
  };
}
