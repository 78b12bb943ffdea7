import { Pagination } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { type ListView, PAGE_SIZES } from './list-view.ts';

type ReportPagesProps = {
  readonly variant: 'top' | 'bottom';
  readonly count: number;
  readonly page: number;
  readonly perPage: number;
  readonly onChange: (change: Partial<ListView>) => void;
};

/** Goes through the pages of the list. */
export function ReportPages({ variant, count, page, perPage, onChange }: ReportPagesProps) {
  const { t } = useTranslation();
  return (
    <Pagination
      widgetId={`reports-${variant}`}
      variant={variant}
      isCompact={variant === 'top'}
      itemCount={count}
      page={page}
      perPage={perPage}
      perPageOptions={PAGE_SIZES.map((size) => ({ title: String(size), value: size }))}
      onSetPage={(_, to) => onChange({ page: to })}
      onPerPageSelect={(_, size, to) => onChange({ perPage: size, page: to })}
      titles={{
        paginationAriaLabel: variant === 'top' ? t('Pages of reports, above') : t('Pages of reports, below'),
        perPageSuffix: t('on a page'),
        ofWord: t('of'),
        toFirstPageAriaLabel: t('First page'),
        toPreviousPageAriaLabel: t('Page before'),
        toNextPageAriaLabel: t('Next page'),
        toLastPageAriaLabel: t('Last page'),
        currPageAriaLabel: t('This page'),
      }}
    />
  );
}
