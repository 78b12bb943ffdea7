import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { inCluster } from '../contract/made.ts';
import { type S3Server, startS3Server } from '../contract/s3-server.ts';
import { ask, type ServiceWorld } from '../sandbox/service-world.ts';
import { expectCompleted, untilOver } from './endings.ts';
import { GATHER_IMAGE, gatherFor, makeReport, startGatherWorld } from './gathers.ts';
import { openSlowWay } from './slow-way.ts';

// A store in S3 that answers 503 for longer than one request is tried again for, and one behind a slow line.

const SICK_MS = 40_000;
const WITHIN_MS = 240_000;
const BYTES_PER_SECOND = 300_000;
const GATHERED_BYTES = 2_000_000;

let s3: S3Server;
let world: ServiceWorld;
beforeAll(async () => {
  s3 = await startS3Server();
  world = await startGatherWorld();
});
afterEach(() => {
  s3.fault = () => undefined;
});
afterAll(async () => {
  await world?.close();
  await s3?.end();
});

/** The service with packers and its store in S3, which it reaches at this port; what people see is another way. */
async function startOn(port: number, prefix: string) {
  const env = { ...s3.env, MUSTER_S3_ENDPOINT: `http://127.0.0.1:${port}` };
  const options = { sweepBeforeMs: 0, nowMs: Date.now, say: (line: string) => world.lines.push(line) };
  const store = await openStore(`s3://${s3.bucket}/${prefix}`, { ...options, env });
  const service = await world.start({ ...(await world.withPackers()), store });
  onTestFinished(async () => {
    await service.stop();
    await store.close();
  }, 60_000);
  const make = async (seconds: number): Promise<string> => {
    const wish = { image: GATHER_IMAGE, command: gatherFor(seconds, GATHERED_BYTES), timeout: '5m' };
    return (await makeReport(service.url, wish)).url;
  };
  return { store, service, make };
}

async function expectNothingLeft(store: Store): Promise<void> {
  const left = async () => [...(await inCluster(world.kube)), ...(await store.list('')).map(({ key }) => key)];
  await expect.poll(left, { timeout: WITHIN_MS, interval: 1000 }).toEqual([]);
  expect(s3.uploads()).toEqual([]);
}

describe('a store in S3', () => {
  it('that answers 503 for a while: reports wait for it, and come to their end', { timeout: 600_000 }, async () => {
    const { store, service, make } = await startOn(Number(new URL(s3.endpoint).port), 'sick');
    const done = await make(1);
    await expectCompleted(await untilOver(done, WITHIN_MS), done, world.folder);
    const gathering = await make(15);
    const sealing = await make(1);
    // Sick from the moment at which the archive of one of them is laid down; the other one gathers then.
    let refused = 0;
    const sealed = Promise.withResolvers<void>();
    const sick = () => {
      refused += 1;
      return { instead: { status: 503, code: 'ServiceUnavailable' } };
    };
    s3.fault = ({ method, key }) => {
      if (method === 'GET' || !key.startsWith('sick/archives/')) return undefined;
      s3.fault = sick;
      sealed.resolve();
      return sick();
    };
    await sealed.promise;
    expect((await ask(done, 'DELETE')).status).toBe(204);
    await setTimeout(SICK_MS / 2);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    const meanwhile = await make(1);
    await setTimeout(SICK_MS / 2);
    expect(refused).toBeGreaterThan(10);
    s3.fault = () => undefined;
    for (const url of [gathering, sealing, meanwhile]) {
      await expectCompleted(await untilOver(url, WITHIN_MS), url, world.folder);
      expect((await ask(url, 'DELETE')).status).toBe(204);
    }
    await expectNothingLeft(store);
  });

  it('behind a slow line: reports take longer, and are whole', { timeout: 600_000 }, async () => {
    const slow = await openSlowWay(Number(new URL(s3.endpoint).port), BYTES_PER_SECOND);
    onTestFinished(() => slow.close());
    const { store, make } = await startOn(slow.port, 'slow');
    const urls = [await make(1), await make(1)];
    for (const url of urls) await expectCompleted(await untilOver(url, WITHIN_MS), url, world.folder);
    // In and out again.
    expect(slow.carriedBytes()).toBeGreaterThan(2 * urls.length * GATHERED_BYTES);
    for (const url of urls) expect((await ask(url, 'DELETE')).status).toBe(204);
    await expectNothingLeft(store);
  });
});
