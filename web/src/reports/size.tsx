import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';

/** A size such as `96 MB`, with its bytes on hover. */
export function Size({ sizeBytes }: { readonly sizeBytes: number }) {
  const { t, i18n } = useTranslation();
  const exact = t('{{number}} bytes', { number: sizeBytes.toLocaleString(i18n.language) });
  return <span title={exact}>{formatSize(sizeBytes)}</span>;
}
