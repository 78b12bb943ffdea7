import { afterEach, expect, it } from 'vitest';
import type { ReportObject } from '../report/rest-report.ts';
import { validateSpec } from '../report/spec.ts';
import { createMetrics } from './metrics.ts';
import { startService, type TestService } from './test-reports.ts';

let service: TestService | undefined;
afterEach(() => service?.close());

const spec = validateSpec({}).spec;
const report = (status: NonNullable<ReportObject['status']>): ReportObject => ({ metadata: {}, spec, status });

const idle = { reports: { list: () => [] }, queueDepth: () => 0, isLeading: () => false };

/** The samples by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

it('tells how many reports there are by phase, what they hold and what runs', async () => {
  const gather = { name: 'a', image: 'q/a' };
  const reports = [
    report({ phase: 'Completed', archive: { name: 'a', size: 70, sha256: '' } }),
    report({ phase: 'Partial', archive: { name: 'b', size: 30, sha256: '' } }),
    report({
      phase: 'Gathering',
      gathers: [
        { ...gather, phase: 'Running' },
        { ...gather, phase: 'Waiting' },
      ],
    }),
    { metadata: {}, spec },
  ];
  const options = { queueDepth: () => 7, isLeading: () => true, storeFreeBytes: async () => 12_345 };
  const metrics = createMetrics({ reports: { list: () => reports }, ...options, storeReserveBytes: 99 });
  const told = samples(await metrics.text());
  expect(told.get('muster_reports{phase="Completed"}')).toBe(1);
  expect(told.get('muster_reports{phase="New"}')).toBe(1);
  expect(told.get('muster_reports{phase="Failed"}')).toBe(0);
  expect(told.get('muster_archive_bytes')).toBe(100);
  expect(told.get('muster_gathers_running')).toBe(1);
  expect(told.get('muster_queue_depth')).toBe(7);
  expect(told.get('muster_leading')).toBe(1);
  expect(told.get('muster_store_free_bytes')).toBe(12_345);
  expect(told.get('muster_store_reserve_bytes')).toBe(99);
  expect(told.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  reports.splice(0, 2);
  expect(samples(await metrics.text()).get('muster_reports{phase="Completed"}')).toBe(0);
});

it.each<[string, () => Promise<number | undefined>]>([
  ['has no bound', async () => undefined],
  ['does not answer', () => Promise.reject(new Error('away'))],
])('says nothing of the room in a store that %s', async (_, storeFreeBytes) => {
  const metrics = createMetrics({ ...idle, storeFreeBytes });
  expect(samples(await metrics.text()).has('muster_store_free_bytes')).toBe(false);
});

it('counts how long reports and gathers took', async () => {
  const metrics = createMetrics({ ...idle, storeFreeBytes: async () => undefined });
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString();
  const gather = { name: 'a', image: 'q/a', startedAt: at(1), finishedAt: at(3) };
  metrics.reportEnded(
    report({
      phase: 'Partial',
      startedAt: at(0),
      finishedAt: at(4),
      gathers: [
        { ...gather, phase: 'Done' },
        { name: 'b', image: 'q/b', phase: 'Failed', finishedAt: at(2) },
      ],
    }),
  );
  const told = samples(await metrics.text());
  expect(told.get('muster_report_duration_seconds_sum{phase="Partial"}')).toBe(240);
  expect(told.get('muster_gather_duration_seconds_sum{phase="Done"}')).toBe(120);
  expect(told.get('muster_gather_duration_seconds_bucket{le="120",phase="Done"}')).toBe(1);
  expect(told.has('muster_gather_duration_seconds_count{phase="Failed"}')).toBe(false);
  // There before the first one failed, so that the first counts as an increase.
  expect(told.get('muster_report_duration_seconds_count{phase="Failed"}')).toBe(0);
});

it('is served to who may read it, with requests by route and status, and failed tokens', async () => {
  service = await startService();
  const ask = async (path: string, token = 'good', method = 'GET') => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${service?.url}${path}`, { method, headers });
    await answer.text();
    return answer;
  };
  await ask('/must-gather/17');
  await ask('/must-gather/secret-of-a-customer', 'good', 'PUT');
  await ask('/nowhere/at/all');
  expect((await ask('/must-gather', 'bad')).status).toBe(401);
  expect((await ask('/metrics', 'weak')).status).toBe(403);
  const answer = await service.ask('/metrics');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const told = samples(text);
  const count = (route: string, method: string, status: number) =>
    told.get(`muster_request_duration_seconds_count{route="${route}",method="${method}",status="${status}"}`);
  expect(count('/must-gather/:key', 'GET', 404)).toBe(1);
  expect(count('/must-gather/:key', 'PUT', 405)).toBe(1);
  expect(count('none', 'GET', 404)).toBe(1);
  expect(count('/must-gather', 'GET', 401)).toBe(1);
  expect(told.get('muster_failed_tokens_total')).toBe(1);
  expect(told.get('muster_queue_depth')).toBe(3);
  expect(text).not.toContain('customer');
});
