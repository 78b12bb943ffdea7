import { useTranslation } from 'react-i18next';
import type { Report } from './report.ts';

export type ReportWords = {
  /** `#15`, or `case-123 (#15)`. */
  title(report: Report): string;
  /** `4 components, last 8 hours`. */
  scope(report: Report): string;
  /** `last 8 hours`, `since …`, `everything`. */
  period(report: Report): string;
};

/** How the pages speak of a report. */
export function useReportWords(): ReportWords {
  const { t, i18n } = useTranslation();
  const what = (report: Report): string => {
    const count = report.components.length;
    if (count === 1) return isolated(report.components[0] ?? '');
    if (count > 0) {
      return t('componentCount', {
        count,
        defaultValue_one: '{{count}} component',
        defaultValue_other: '{{count}} components',
      });
    }
    if (report['all-images']) return t('all components');
    const images = report.images.length + report['image-streams'].length;
    if (images === 0) return t('the cluster');
    return t('imageCount', {
      count: images,
      defaultValue_one: '{{count}} image',
      defaultValue_other: '{{count}} images',
    });
  };
  const period = (report: Report): string => {
    if (report['since-time'] !== '') {
      const date = new Date(report['since-time']);
      return t('since {{moment}}', { moment: date.toLocaleString(i18n.language) });
    }
    if (report.since === '') return t('everything');
    const [, amount, unit] = /^(\d+)([hm])$/.exec(report.since) ?? [];
    const count = Number(amount);
    if (unit === 'h' && count % 24 === 0 && count > 24) {
      return t('lastDays', {
        count: count / 24,
        defaultValue_one: 'last {{count}} day',
        defaultValue_other: 'last {{count}} days',
      });
    }
    if (unit === 'h') {
      return t('lastHours', {
        count,
        defaultValue_one: 'last {{count}} hour',
        defaultValue_other: 'last {{count}} hours',
      });
    }
    return t('last {{duration}}', { duration: report.since });
  };
  return {
    title: (report) =>
      report['custom-name'] === ''
        ? `#${report.id}`
        : t('{{name}} (#{{id}})', { name: isolated(report['custom-name']), id: report.id }),
    scope: (report) => t('{{what}}, {{period}}', { what: what(report), period: period(report) }),
    period,
  };
}

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Bidi_Control}]/u;

/**
 * A name that would turn around what stands beside it, between the characters that isolate it (FSI and PDI, Unicode UAX #9):
 * sentences are made of words and names before they are elements of a page. Ones of its own, which would end that, go.
 */
export function isolated(name: string): string {
  if (!RIGHT_TO_LEFT.test(name)) return name;
  return `\u2068${name.replace(/[\u202A-\u202E\u2066-\u2069]/g, '')}\u2069`;
}
