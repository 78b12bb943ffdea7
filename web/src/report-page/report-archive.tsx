import { ClipboardCopy, DescriptionList, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { hasArchive, type Report } from '../reports/report.ts';
import { Size } from '../reports/size.tsx';
import { Detail } from './detail.tsx';

/** The archive of a report: name, size, digest. */
export function ReportArchive({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  if (!hasArchive(report)) return null;
  return (
    <>
      <Title headingLevel="h2">{t('Archive')}</Title>
      <DescriptionList isHorizontal isCompact>
        <Detail term={t('Name')}>
          <bdi>{report['archive-name']}</bdi>
        </Detail>
        <Detail term={t('Size')}>
          <Size sizeBytes={report['archive-size']} />
        </Detail>
        <Detail term={t('SHA-256')}>
          <ClipboardCopy
            isReadOnly
            isCode
            hoverTip={t('Copy')}
            clickTip={t('Copied')}
            aria-label={t('Copy the SHA-256')}
            textAriaLabel={t('SHA-256')}
          >
            {report['archive-sha256']}
          </ClipboardCopy>
        </Detail>
      </DescriptionList>
    </>
  );
}
