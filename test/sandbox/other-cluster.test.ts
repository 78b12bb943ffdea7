import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmpty } from '../../sandbox/sample/start-sample.ts';
import type { Sandbox } from '../../sandbox/server.ts';
import { namespaces, secrets } from '../../src/kube/kinds.ts';
import { CLUSTER_LABEL } from '../../src/operator/other-clusters.ts';
import type { Service } from '../../src/server/service.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';

describe('a report for another cluster', () => {
  let world: ServiceWorld;
  let service: Service;
  let other: Sandbox;
  beforeAll(async () => {
    world = await startServiceWorld({ sample: false });
    other = await startEmpty({});
    service = await world.start();
  });
  afterAll(async () => {
    await world.close();
    await other.close();
  }, 60_000);
  const at = (path: string) => `${service.url}/must-gather${path}`;
  const tell = async (name: string, kubeconfig: string) => {
    const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
    const metadata = { name, labels: { [CLUSTER_LABEL]: '' } };
    await world.kube.create(secrets, { metadata, data }, { namespace: 'default' });
  };

  it('is refused by the address while nobody told of it', { timeout: 30_000 }, async () => {
    const { body } = await ask(at(''), 'POST', { server: 'https://api.elsewhere.example:6443' });
    const failed = await untilState(at(`/${body.id}`), ['error']);
    expect(failed.message).toContain('no cluster with the address https://api.elsewhere.example:6443 is known here');
  });

  it('gathers there, through its API, and leaves nothing there', { timeout: 90_000 }, async () => {
    await tell('other', other.kubeconfig);
    const { body } = await ask(at(''), 'POST', {
      server: `${other.server}/`,
      image: 'sample.invalid/migration/must-gather:2.11',
    });
    const report = await untilState(at(`/${body.id}`), ['completed', 'error']);
    expect(report).toMatchObject({ phase: 'Completed' });
    const places = async () =>
      (await Array.fromAsync(other.api.store.snapshot(kindOf('namespaces')))).filter(([key]) =>
        key.includes('must-gather'),
      );
    await expect.poll(places, { timeout: 30_000 }).toEqual([]);
    expect(await Array.fromAsync(world.kube.list(namespaces, { labelSelector: 'muster.dev/report' }))).toEqual([]);
  });

  it('does not follow a kubeconfig to files and programs of this machine', { timeout: 30_000 }, async () => {
    const address = 'https://third.example:6443';
    const users = 'users: [{name: u, user: {exec: {command: /bin/touch}}}]';
    const context = 'contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c';
    await tell('third', `clusters: [{name: k, cluster: {server: "${address}"}}]\n${users}\n${context}`);
    const { body } = await ask(at(''), 'POST', { server: address });
    const failed = await untilState(at(`/${body.id}`), ['error']);
    expect(failed.message).toContain("The kubeconfig's u has exec, which this machine does not follow.");
  });

  const kindOf = (plural: string) => {
    const kind = other.api.kinds().find((each) => each.plural === plural);
    if (kind === undefined) throw new Error(`the sandbox has no ${plural}`);
    return kind;
  };
});
