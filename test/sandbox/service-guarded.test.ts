import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNotFound } from '../../src/kube/errors.ts';
import { FINALIZER, mustGatherReports } from '../../src/operator/report-kind.ts';
import { requireReportsPolicy } from '../../src/operator/reports-policy.ts';
import type { Service } from '../../src/server/service.ts';
import { policies, policyBindings, serveKinds } from './more-kinds.ts';
import { ask, type ServiceWorld, startServiceWorld } from './service-world.ts';

const NAME = 'reports.muster.dev';
const binding = { metadata: { name: NAME }, spec: { policyName: NAME, validationActions: ['Deny'] } };
/** The operator looks every 10 s. */
const soon = { timeout: 20_000 };

describe('the service of a cluster where the policy of reports lacks', () => {
  let world: ServiceWorld;
  let service: Service;
  beforeAll(async () => {
    world = await startServiceWorld();
    await serveKinds(world.sandbox, world.kube, [policies, policyBindings]);
    service = await world.start({ requirePolicy: (signal) => requireReportsPolicy(world.kube, signal) });
  });
  afterAll(() => world.close(), 60_000);

  const inDefault = { namespace: 'default' };
  const create = (name: string, command = 'echo hello > /must-gather/hello', finalizers: string[] = []) =>
    world.kube.create(mustGatherReports, { metadata: { name, finalizers }, spec: { command } }, inDefault);
  const read = (name: string) => world.kube.get(mustGatherReports, name, inDefault);
  const phase = async (name: string) => (await read(name)).status?.phase;
  const said = (words: string) => world.lines.filter((line) => line.includes(`"message":"${words}"`)).length;

  it('is not ready and says what to do; reports stay as they were made, but for those that are deleted', async () => {
    const waiting = await create('waiting');
    await create('deleted', 'true', [FINALIZER]);
    await world.kube.remove(mustGatherReports, 'deleted', inDefault);
    const { status, body } = await ask(`${service.url}/readyz`);
    expect(status).toBe(503);
    expect(body.message).toMatch(
      /^policy: ValidatingAdmissionPolicy reports\.muster\.dev is not there, .*: apply deploy/,
    );
    await expect.poll(() => read('deleted').then(String, isNotFound), soon).toBe(true);
    expect(await read('waiting')).toEqual(waiting);
    expect(world.lines.filter((line) => line.includes('"message":"reports wait"'))).toEqual([
      expect.stringContaining('is not there'),
    ]);
  });

  it('gathers them once it is there, and says so', { timeout: 60_000 }, async () => {
    await world.kube.create(policies, { metadata: { name: NAME } });
    await world.kube.create(policyBindings, binding);
    await expect.poll(() => phase('waiting'), { timeout: 40_000 }).toBe('Completed');
    await expect.poll(async () => (await ask(`${service.url}/readyz`)).status, soon).toBe(200);
    expect([said('reports wait'), said('reports wait no more')]).toEqual([1, 1]);
  });

  it('brings to its end what was let in, and nothing new, when it is taken away', { timeout: 90_000 }, async () => {
    await create('let-in', 'sleep 18; echo hello > /must-gather/hello');
    await expect.poll(() => phase('let-in'), soon).toBe('Gathering');
    await world.kube.remove(policyBindings, NAME);
    await expect.poll(() => said('reports wait'), soon).toBe(2);
    const late = await create('late');
    expect(await phase('let-in')).toBe('Gathering');
    await expect.poll(() => phase('let-in'), { timeout: 40_000 }).toBe('Completed');
    expect(await read('late')).toEqual(late);
  });
});
