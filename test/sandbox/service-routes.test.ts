import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
