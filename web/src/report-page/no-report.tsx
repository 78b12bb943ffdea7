import { EmptyState, EmptyStateBody, EmptyStateFooter, PageSection } from '@patternfly/react-core';
import { SearchIcon, TrashIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';

/** Stands at the address of a report that there is not. */
export function ReportUnknown({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const paths = usePaths();
  return (
    <PageSection>
      <EmptyState headingLevel="h1" icon={SearchIcon} titleText={t('There is no report {{id}}', { id })}>
        <EmptyStateBody>{t('It may have been deleted: reports go by themselves after some hours.')}</EmptyStateBody>
        <EmptyStateFooter>
          <Link to={paths.reports}>{t('Go to the reports')}</Link>
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}

type ReportGoneProps = {
  readonly report: Report;
  /** The one that was asked for in its place. */
  readonly again: Report | undefined;
};

/** Stands where a report was until it was deleted, perhaps by somebody else. */
export function ReportGone({ report, again }: ReportGoneProps) {
  const { t } = useTranslation();
  const paths = usePaths();
  const words = useReportWords();
  return (
    <PageSection>
      <EmptyState
        headingLevel="h1"
        icon={TrashIcon}
        titleText={t('Report {{title}} was deleted', { title: words.title(report) })}
        className="muster-prose"
      >
        <EmptyStateBody>
          {again === undefined
            ? t('Its archive went with it.')
            : t('The same was asked for again, as report {{title}}.', { title: words.title(again) })}
        </EmptyStateBody>
        <EmptyStateFooter>
          {again === undefined ? (
            <Link to={paths.reports}>{t('Go to the reports')}</Link>
          ) : (
            <Link to={paths.report(again.id)}>{t('Go to report {{title}}', { title: words.title(again) })}</Link>
          )}
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}
