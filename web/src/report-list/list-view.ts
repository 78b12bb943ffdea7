import { PHASES } from '../../../src/report/phases.ts';
import type { Phase } from '../../../src/report/status.ts';
import type { Report } from '../reports/report.ts';

/** What can be sorted by. */
export const SORT_KEYS = ['report', 'status', 'requester', 'started', 'duration', 'size', 'expires'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const PAGE_SIZES = [20, 50, 100] as const;

/** Which reports are shown, and in which order: all of it stands in the query of the URL. */
export type ListView = {
  readonly text: string;
  /** None: all. */
  readonly phases: readonly Phase[];
  readonly sortBy: SortKey;
  readonly isDescending: boolean;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
};

const USUAL: ListView = { text: '', phases: [], sortBy: 'report', isDescending: true, page: 1, perPage: PAGE_SIZES[0] };

/** Reads the query of the list; what is not understood counts as left out. */
export function readListView(query: URLSearchParams): ListView {
  const sort = query.get('sort') ?? '';
  const sortBy = SORT_KEYS.find((key) => key === sort.replace(/^-/, ''));
  const page = Number(query.get('page'));
  const phases = query.getAll('status');
  return {
    text: query.get('q') ?? USUAL.text,
    phases: PHASES.filter((phase) => phases.includes(phase)),
    sortBy: sortBy ?? USUAL.sortBy,
    isDescending: sortBy === undefined ? USUAL.isDescending : sort.startsWith('-'),
    page: Number.isSafeInteger(page) && page > 0 ? page : USUAL.page,
    perPage: PAGE_SIZES.find((size) => size === Number(query.get('per-page'))) ?? USUAL.perPage,
  };
}

/** The query of a view, without what is usual. Keys that are not the list's stay. */
export function writeListView(view: ListView, before: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(before);
  for (const key of ['q', 'status', 'sort', 'page', 'per-page']) query.delete(key);
  if (view.text !== USUAL.text) query.set('q', view.text);
  for (const phase of view.phases) query.append('status', phase);
  if (view.sortBy !== USUAL.sortBy || view.isDescending !== USUAL.isDescending) {
    query.set('sort', `${view.isDescending ? '-' : ''}${view.sortBy}`);
  }
  if (view.page !== USUAL.page) query.set('page', String(view.page));
  if (view.perPage !== USUAL.perPage) query.set('per-page', String(view.perPage));
  return query;
}

/** Reports in which every word of the text occurs, of those phases, sorted. `nowMs`: for the duration of what runs. */
export function matchingReports(
  reports: readonly Report[],
  { text, phases, sortBy, isDescending }: Omit<ListView, 'page' | 'perPage'>,
  nowMs: number,
): readonly Report[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const isMeant = (report: Report) =>
    (phases.length === 0 || phases.includes(report.phase)) &&
    words.every((word) => searchedText(report).includes(word));
  const compare = COMPARISONS[sortBy];
  const sign = isDescending ? -1 : 1;
  return reports.filter(isMeant).sort((a, b) => sign * (compare(a, b, nowMs) || a.id - b.id));
}

const searchedTexts = new WeakMap<Report, string>();

/** What a search looks through, made once for each state of a report. */
function searchedText(report: Report): string {
  const known = searchedTexts.get(report);
  if (known !== undefined) return known;
  const parts = [
    `#${report.id}`,
    report.name,
    report['custom-name'],
    report['requested-by'],
    ...report.components,
    ...report.images,
    ...report['image-streams'],
    report.message,
  ];
  const text = parts.join('\n').toLowerCase();
  searchedTexts.set(report, text);
  return text;
}

type Comparison = (a: Report, b: Report, nowMs: number) => number;

const COMPARISONS: Readonly<Record<SortKey, Comparison>> = {
  report: (a, b) => a.id - b.id,
  status: (a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase),
  requester: (a, b) => textOrder(a['requested-by'], b['requested-by']),
  started: (a, b) => startOf(a) - startOf(b),
  duration: (a, b, nowMs) => durationMs(a, nowMs) - durationMs(b, nowMs),
  size: (a, b) => a['archive-size'] - b['archive-size'],
  // What never goes stands behind all that does.
  expires: (a, b) => momentOr(a['expires-at'], FAR_MS) - momentOr(b['expires-at'], FAR_MS),
};

const FAR_MS = 8.64e15;

const textOrder = (a: string, b: string) => Number(a > b) - Number(a < b);
const momentOr = (moment: string | null, otherwiseMs: number) =>
  moment === null ? otherwiseMs : Date.parse(moment) || otherwiseMs;
const startOf = (report: Report) => Date.parse(report['started-at'] ?? report['created-at']) || 0;

/** How long a report took, or runs by now. */
export function durationMs(report: Report, nowMs: number): number {
  return Math.max(0, momentOr(report['finished-at'], nowMs) - startOf(report));
}
