import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../src/server/service.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type S3Server, startS3Server } from '../contract/s3-server.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';

describe('the service with its store in S3', () => {
  let server: S3Server;
  let store: Store;
  let world: ServiceWorld;
  let service: Service;
  beforeAll(async () => {
    server = await startS3Server();
    const say = (line: string) => {
      throw new Error(line);
    };
    const location = `s3://${server.bucket}/reports`;
    store = await openStore(location, { env: server.env, sweepBeforeMs: 0, nowMs: Date.now, say });
    world = await startServiceWorld();
    service = await world.start({ store });
  }, 60_000);
  afterEach(() => {
    server.fault = () => undefined;
  });
  afterAll(async () => {
    await world?.close();
    await store?.close();
    await server?.end();
  }, 60_000);
  const soon = { timeout: 30_000 };
  const at = (path: string) => `${service.url}/must-gather${path}`;

  it('carries a report from request to removal, though S3 fails now and then', { timeout: 90_000 }, async () => {
    let asked = 0;
    server.fault = ({ method }) => {
      asked += 1;
      if (asked % 7 === 0) return { instead: { status: 503, code: 'ServiceUnavailable' } };
      return method === 'GET' && asked % 5 === 0 ? { cutAfterBytes: 1000 } : undefined;
    };
    await ask(at(''), 'POST', { 'custom-name': 'in-s3' });
    const report = await untilState(at('/in-s3'), ['completed', 'error']);
    expect(report).toMatchObject({ status: 'completed', phase: 'Completed', message: '' });
    const whole = Buffer.from(await (await fetch(at('/in-s3/data'))).arrayBuffer());
    expect(whole.length).toBe(report['archive-size']);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(report['archive-sha256']);
    const range = { headers: { range: 'bytes=1000-1999' } };
    const stretch = Buffer.from(await (await fetch(at('/in-s3/data'), range)).arrayBuffer());
    expect(stretch.equals(whole.subarray(1000, 2000))).toBe(true);
    expect(asked).toBeGreaterThan(20);
    expect((await ask(at('/in-s3'), 'DELETE')).status).toBeLessThan(300);
    await expect.poll(() => store.list(''), soon).toEqual([]);
    expect(server.uploads()).toEqual([]);
  });

  it('fails a report that finds no room, with the reason, while another goes on', { timeout: 90_000 }, async () => {
    let refused: string | undefined;
    server.fault = ({ method, key }) => {
      if (method === 'GET' || !key.startsWith('reports/archives/')) return undefined;
      refused ??= key;
      return key === refused ? { instead: { status: 507, code: 'InsufficientStorage' } } : undefined;
    };
    const names = ['one', 'other'];
    for (const name of names) await ask(at(''), 'POST', { 'custom-name': name });
    const ended = await Promise.all(names.map((name) => untilState(at(`/${name}`), ['completed', 'error'])));
    expect(ended.map((report) => report.status).sort()).toEqual(['completed', 'error']);
    const failed = ended.find((report) => report.status === 'error');
    expect(failed?.message).toContain('InsufficientStorage');
    expect((await store.list('archives')).map(({ key }) => `reports/${key}`)).not.toContain(refused);
    expect(server.uploads()).toEqual([]);
  });
});
