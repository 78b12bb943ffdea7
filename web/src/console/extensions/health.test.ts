import { describe, expect, it, vi } from 'vitest';
import type { ReportStatus } from '../../../../src/report/status.ts';
import { fullReport } from '../test-resources.ts';
import { reportHealth } from './health.ts';

// Outside of a console the SDK's main module cannot be loaded; these are the words of it that matter here.
vi.mock(
  '@openshift-console/dynamic-plugin-sdk',
  () => import('@openshift-console/dynamic-plugin-sdk/lib/extensions/console-types'),
);

const watched = (...statuses: readonly ReportStatus[]) => ({
  reports: { data: statuses.map(fullReport), loaded: true, loadError: undefined },
});

describe('what the Status card says of reports', () => {
  it.each<[string, readonly ReportStatus[], string, string]>([
    ['none', [], 'OK', 'No reports'],
    ['one that was not taken in yet', [{}], 'OK', 'No reports'],
    [
      'the newest',
      [
        { id: 1, phase: 'Failed' },
        { id: 2, phase: 'Completed' },
      ],
      'OK',
      'Report is ready',
    ],
    ['one that lacks something', [{ id: 1, phase: 'Partial' }], 'WARNING', 'Report is ready, but incomplete'],
    [
      'one that failed',
      [
        { id: 3, phase: 'Failed' },
        { id: 2, phase: 'Completed' },
      ],
      'ERROR',
      'Report failed',
    ],
    ['one that was cancelled', [{ id: 1, phase: 'Cancelled' }], 'OK', 'Report cancelled'],
    [
      'one that is made, before all',
      [
        { id: 1, phase: 'Packing' },
        { id: 2, phase: 'Failed' },
      ],
      'PROGRESS',
      'Generating report',
    ],
  ])('%s', (_, statuses, state, message) => {
    expect(reportHealth(watched(...statuses))).toEqual({ state, message });
  });

  it('tells how far one is where that is known, in the words of the plugin', () => {
    const translate = vi.fn((key: string, values?: Record<string, unknown>) => `${key} ${JSON.stringify(values)}`);
    const progress = { percent: 62, step: 'Gathering', files: 1, bytes: 1 } as const;
    const { message } = reportHealth(watched({ id: 1, phase: 'Gathering', progress }), translate);
    expect(message).toBe('plugin__muster~Generating report, {{percent}} % {"percent":62}');
  });

  it('is loading, or cannot be told', () => {
    expect(reportHealth({ reports: { data: [], loaded: false, loadError: undefined } })).toEqual({ state: 'LOADING' });
    const { state } = reportHealth({ reports: { data: [], loaded: false, loadError: new Error('forbidden') } });
    expect(state).toBe('NOT_AVAILABLE');
  });
});
