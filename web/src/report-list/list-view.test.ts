import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES } from '../../../src/report/phases.ts';
import type { Report } from '../reports/report.ts';
import { matchingReports, PAGE_SIZES, readListView, SORT_KEYS, writeListView } from './list-view.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const report = (id: number, more: Partial<Report> = {}): Report => ({
  id,
  name: `report-${id}`,
  'custom-name': '',
  'created-at': '2026-11-21T10:00:00Z',
  phase: 'Completed',
  partial: false,
  message: '',
  progress: null,
  gathers: [],
  components: [],
  images: [],
  'image-streams': [],
  'all-images': false,
  'node-name': '',
  'node-selector': '',
  command: '',
  timeout: '10m',
  since: '',
  'since-time': '',
  'delete-after': '',
  'archive-name': '',
  'archive-size': 0,
  'archive-sha256': '',
  'requested-by': '',
  'retry-of': null,
  'started-at': '2026-11-21T10:00:00Z',
  'finished-at': '2026-11-21T10:01:00Z',
  'expires-at': null,
  ...more,
});
const usual = readListView(new URLSearchParams());
const ids = (reports: readonly Report[]) => reports.map(({ id }) => id);

describe('the view of the list in the URL', () => {
  it('is read as it was written, whatever it is, beside keys of others', () => {
    const views = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      phases: fc.subarray([...PHASES]),
      sortBy: fc.constantFrom(...SORT_KEYS),
      isDescending: fc.boolean(),
      page: fc.integer({ min: 1, max: 10_000 }),
      perPage: fc.constantFrom(...PAGE_SIZES),
    });
    fc.assert(
      fc.property(views, (view) => {
        const query = writeListView(view, new URLSearchParams('other=1&page=77&q=old'));
        const again = new URLSearchParams(query.toString());
        expect(readListView(again)).toEqual(view);
        expect(again.get('other')).toBe('1');
      }),
    );
  });

  it('is empty when nothing is unusual, and what nobody can mean is left out', () => {
    expect(writeListView(usual, new URLSearchParams()).toString()).toBe('');
    const odd = new URLSearchParams('page=-3&per-page=7&sort=colour&status=Odd&status=Failed');
    expect(readListView(odd)).toEqual({ ...usual, phases: ['Failed'] });
  });
});

describe('the reports of a view', () => {
  const all = [
    report(1, { 'custom-name': 'Case 7', 'requested-by': 'ada', 'archive-size': 5, components: ['storage'] }),
    report(2, { phase: 'Gathering', 'finished-at': null, 'requested-by': 'bob' }),
    report(3, {
      phase: 'Failed',
      message: 'storage: Timeout',
      'archive-size': 9,
      'expires-at': '2026-11-22T00:00:00Z',
    }),
  ];

  it('have every word of the search, in any case and in any of what is known of them', () => {
    const found = (text: string) => ids(matchingReports(all, { ...usual, text }, NOW_MS));
    expect(found('')).toEqual([3, 2, 1]);
    expect(found('STORAGE')).toEqual([3, 1]);
    expect(found('case ada')).toEqual([1]);
    expect(found('#2')).toEqual([2]);
    expect(found('case bob')).toEqual([]);
  });

  it('have one of the phases', () => {
    expect(ids(matchingReports(all, { ...usual, phases: ['Failed', 'Gathering'] }, NOW_MS))).toEqual([3, 2]);
  });

  it('are sorted both ways; what runs counts as long as it has run, what never goes stands last', () => {
    const sorted = (sortBy: (typeof SORT_KEYS)[number], isDescending = false) =>
      ids(matchingReports(all, { ...usual, sortBy, isDescending }, NOW_MS));
    expect(sorted('report')).toEqual([1, 2, 3]);
    expect(sorted('size')).toEqual([2, 1, 3]);
    expect(sorted('size', true)).toEqual([3, 1, 2]);
    expect(sorted('requester')).toEqual([3, 1, 2]);
    expect(sorted('status')).toEqual([2, 1, 3]);
    expect(sorted('duration', true)).toEqual([2, 3, 1]);
    expect(sorted('expires')).toEqual([3, 1, 2]);
  });
});
