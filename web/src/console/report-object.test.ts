import { describe, expect, it } from 'vitest';
import { reportOf, reportsOf } from './report-object.ts';
import { fullReport } from './test-resources.ts';

describe('a MustGatherReport of the console', () => {
  it('is the report that REST shows', () => {
    const report = reportOf(
      fullReport({ id: 15, phase: 'Completed', archive: { name: 'a.tar.gz', size: 96, sha256: 'f' } }),
    );
    expect(report).toMatchObject({
      id: 15,
      name: 'report-15',
      status: 'completed',
      phase: 'Completed',
      'archive-size': 96,
      'created-at': '2026-11-21T10:00:00Z',
      components: ['cluster'],
    });
  });

  it('is none until it has a number', () => {
    expect(reportOf(fullReport({}))).toBeUndefined();
    const { status: _, ...untouched } = fullReport({});
    expect(reportOf(untouched)).toBeUndefined();
  });

  it('is the same one while the object is, so that what shows it is not drawn again', () => {
    const resource = fullReport({ id: 1, phase: 'Gathering' });
    expect(reportOf(resource)).toBe(reportOf(resource));
    expect(reportOf({ ...resource })).not.toBe(reportOf(resource));
  });

  it('stands in a list by its number, newest first', () => {
    const list = [fullReport({ id: 2 }), fullReport({}), fullReport({ id: 10 }), fullReport({ id: 1 })];
    expect(reportsOf(list).map(({ id }) => id)).toEqual([10, 2, 1]);
  });
});
