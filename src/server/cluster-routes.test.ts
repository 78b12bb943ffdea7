import { afterEach, expect, it } from 'vitest';
import type { ComponentList } from '../report/rest-components.ts';
import { startService, type TestService } from './test-reports.ts';

let service: TestService;
afterEach(() => service.close());

const ask = (path: string, token = 'good') =>
  fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

it('tells the caller as whom they are known', async () => {
  service = await startService({}, { access: { authorize: async () => ({ username: 'ada', groups: ['admins'] }) } });
  expect(await (await ask('/whoami')).json()).toEqual({ username: 'ada', groups: ['admins'] });
});

it('tells components and what could not be read', async () => {
  const list: ComponentList = {
    components: [{ name: 'cluster', title: 'Cluster', kind: 'Cluster', image: 'q/a', healthy: false, message: 'ill' }],
    warnings: ['could not list clusteroperators: no'],
  };
  service = await startService({}, { components: { list: async () => list } });
  expect(await (await ask('/components')).json()).toEqual(list);
});

it.each(['/whoami', '/components'])('%s is for cluster-admins only', async (path) => {
  service = await startService();
  expect([(await ask(path, 'weak')).status, (await ask(path, 'none')).status]).toEqual([403, 401]);
});
