import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Event, events } from '../../src/kube/kinds.ts';
import { mustGatherReports } from '../../src/operator/report-kind.ts';
import { documentedOperations } from '../../src/server/documented.ts';
import type { Service } from '../../src/server/service.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';

describe('what can be seen of a report on a sandbox', () => {
  let world: ServiceWorld;
  let service: Service;
  let heard = '';
  const leaving = new AbortController();

  beforeAll(async () => {
    world = await startServiceWorld();
    service = await world.start();
    const events = await fetch(`${service.url}/events`, { signal: leaving.signal });
    const listen = async () => {
      for await (const chunk of events.body ?? []) heard += Buffer.from(chunk).toString();
    };
    listen().catch(() => undefined);
    await ask(`${service.url}/must-gather`, 'POST', { components: ['odf-operator'] });
    await untilState(`${service.url}/must-gather/1`, ['completed', 'error']);
  }, 90_000);
  afterAll(async () => {
    leaving.abort();
    await world.close();
  });
  const text = async (path: string) => (await fetch(`${service.url}${path}`)).text();

  it('its log, of all gathers and of one, also followed to its end', async () => {
    const log = await text('/must-gather/1/logs');
    const followed = await text('/must-gather/1/logs?follow=true');
    expect(followed).toBe(log);
    const { body } = await ask(`${service.url}/must-gather/1`);
    const [{ name } = { name: '' }] = body.gathers as { name: string }[];
    const one = await text(`/must-gather/1/logs?gather=${name}`);
    expect(one).not.toBe('');
    for (const line of one.trimEnd().split('\n')) expect(line.slice(1).startsWith(`${name} `)).toBe(true);
  });

  it('the files of its archive', async () => {
    const [top] = JSON.parse(await text('/must-gather/1/files')) as { name: string; type: string }[];
    expect(top).toMatchObject({ name: expect.stringMatching(/^must-gather\.local\./), type: 'directory' });
    const rows = JSON.parse(await text(`/must-gather/1/files/${top?.name}`)) as { name: string; sizeBytes: number }[];
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['event-filter.html', 'must-gather.logs', 'timestamp']),
    );
    const log = rows.find(({ name }) => name === 'must-gather.logs');
    expect((await text(`/must-gather/1/files/${top?.name}/must-gather.logs`)).length).toBe(log?.sizeBytes);
  });

  it("what the cluster's events say of it and of nothing else, newest first, in both spellings of the API", async () => {
    const report = await world.kube.get(mustGatherReports, 'report-1', { namespace: 'default' });
    const { uid = '' } = report.metadata;
    const plant = async (name: string, about: string, more: Partial<Event>) => {
      const metadata = { name, namespace: 'default' };
      await world.kube.create(events, { metadata, involvedObject: { uid: about }, ...more }, { namespace: 'default' });
    };
    const old = { firstTimestamp: '2020-01-01T00:00:00Z', lastTimestamp: '2020-01-02T00:00:00Z', count: 3 };
    await plant('old', uid, { type: 'Warning', reason: 'Waited', message: 'for a slot', ...old });
    const series = { count: 7, lastObservedTime: '2030-01-01T00:00:00.000000Z' };
    await plant('new', uid, { reason: 'Seen', message: '', eventTime: '2029-01-01T00:00:00.000000Z', series });
    await plant('foreign', 'another', { reason: 'Foreign', message: 'no' });
    const told = JSON.parse(await text('/must-gather/1/events')) as { reason: string; at: string }[];
    expect(told.map(({ reason }) => reason)).toEqual(['Seen', 'Completed', 'Planned', 'Waited']);
    expect(told[0]).toEqual({ type: 'Normal', reason: 'Seen', message: '', at: series.lastObservedTime, count: 7 });
    expect(told[3]).toEqual({
      type: 'Warning',
      reason: 'Waited',
      message: 'for a slot',
      at: '2020-01-02T00:00:00Z',
      count: 3,
    });
    expect((await fetch(`${service.url}/must-gather/2/events`)).status).toBe(404);
  });

  it('all that the OpenAPI document says can be read, in the shapes that it says', async () => {
    for (const { path, method, misfit } of documentedOperations()) {
      if (method !== 'GET' || path === '/events') continue;
      for (const key of ['1', '2']) {
        const url = service.url + path.replace('{key}', key).replace('{path}', 'none');
        const answer = await fetch(url);
        const body = await answer.text();
        expect(misfit(answer.status, answer.headers.get('content-type'), body), `${path} ${key}`).toBeUndefined();
        expect(answer.status, path).not.toBe(405);
      }
    }
  });

  it('its changes, one by one', async () => {
    const states = [...heard.matchAll(/^event: report\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data).phase);
    expect(states[0]).toBe('New');
    expect(states).toContain('Gathering');
    expect(states.at(-1)).toBe('Completed');
    await ask(`${service.url}/must-gather/1`, 'DELETE');
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('event: gone\ndata: {"id":1}\n');
  });

  it('how long it took, in the metrics', async () => {
    const metrics = await text('/metrics');
    expect(metrics).toContain('muster_report_duration_seconds_count{phase="Completed"} 1');
    expect(metrics).toContain('muster_gather_duration_seconds_count{phase="Done"} 1');
    expect(metrics).toMatch(/^muster_store_free_bytes \d+/m);
  });

  it('components, readiness and the caller', async () => {
    const { body } = await ask(`${service.url}/components`);
    expect((body.components as { name: string }[]).map(({ name }) => name)).toContain('odf-operator');
    expect(await ask(`${service.url}/readyz`)).toMatchObject({ status: 200, body: { ready: true } });
    expect((await ask(`${service.url}/whoami`)).body).toEqual({ username: 'anonymous' });
  });
});
