import { invalidInput, quoted } from './refusal.ts';
import type { ReportObject } from './rest-report.ts';

/** What a list was asked for; what an old UI asks, nothing, gives all, ascending, without logs. */
export type ListQuery = {
  readonly limit: number | undefined;
  /** The number of the last report of the page before. */
  readonly after: number | undefined;
  readonly descending: boolean;
  readonly execOutput: boolean;
};

export type Page<T extends ReportObject> = {
  readonly reports: readonly T[];
  /** The value of the `Link` header, where more follows. */
  readonly link: string | undefined;
};

const LONGEST_PAGE = 1000;

/** Reads the query of GET /must-gather; other keys mean nothing to it. Throws MusterError InvalidInput by the key. */
export function parseListQuery(query: URLSearchParams): ListQuery {
  return {
    limit: wholeNumber(query, 'limit', LONGEST_PAGE),
    after: wholeNumber(query, 'continue', Number.MAX_SAFE_INTEGER),
    descending: oneOf(query, 'order', ['asc', 'desc']) === 'desc',
    execOutput: oneOf(query, 'exec-output', ['false', 'true']) === 'true',
  };
}

/** One page of the reports that have a number. Reports may come and go between pages: none is told twice. */
export function pageOf<T extends ReportObject>(reports: Iterable<T>, query: ListQuery): Page<T> {
  const { limit, after, descending, execOutput } = query;
  const sign = descending ? -1 : 1;
  const place = (report: T) => sign * idOf(report);
  const start = after === undefined ? Number.NEGATIVE_INFINITY : sign * after;
  const rest = [...reports].filter((report) => idOf(report) > 0 && place(report) > start);
  const inOrder = (some: T[]) => some.sort((one, other) => place(one) - place(other));
  if (limit === undefined || rest.length <= limit) return { reports: inOrder(rest), link: undefined };
  // Sorting 10,000 numbers takes a tenth of the time of sorting 10,000 reports by them.
  const end = Float64Array.from(rest, place).sort()[limit - 1] ?? Number.POSITIVE_INFINITY;
  const page = inOrder(rest.filter((report) => place(report) <= end));
  const last = page.at(-1);
  const next = new URLSearchParams({
    limit: String(limit),
    continue: String(last === undefined ? 0 : idOf(last)),
    ...(descending ? { order: 'desc' } : {}),
    ...(execOutput ? { 'exec-output': 'true' } : {}),
  });
  return { reports: page, link: `</must-gather?${next}>; rel="next"` };
}

/** A report by its number, else the newest of that custom name, as the old server looks one up. */
export function findReport<T extends ReportObject>(reports: Iterable<T>, key: string): T | undefined {
  const all = [...reports];
  const byNumber = /^[1-9]\d{0,15}$/.test(key) ? all.find((report) => idOf(report) === Number(key)) : undefined;
  if (byNumber !== undefined) return byNumber;
  return all
    .filter(({ spec }) => spec.customName === key)
    .reduce<T | undefined>((newest, each) => (newest && idOf(newest) >= idOf(each) ? newest : each), undefined);
}

const idOf = ({ status }: ReportObject) => status?.id ?? 0;

/** The value of a key that is a whole number from 1 to `most`, if it is given. Throws MusterError InvalidInput. */
export function wholeNumber(query: URLSearchParams, key: string, most: number): number | undefined {
  const text = query.get(key);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= 1 && value <= most) return value;
  throw invalidInput(key, `${quoted(text)}: expected a whole number from 1 to ${most}`);
}

/** The value of a key that knows these only, if it is given. Throws MusterError InvalidInput. */
export function oneOf(query: URLSearchParams, key: string, values: readonly string[]): string | undefined {
  const text = query.get(key);
  if (text === null || text === '' || values.includes(text)) return text ?? undefined;
  throw invalidInput(key, `${quoted(text)}: expected ${values.join(' or ')}`);
}
