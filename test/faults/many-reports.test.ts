import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pods } from '../../src/kube/kinds.ts';
import { mustGatherReports, REQUESTED_BY_ANNOTATION } from '../../src/operator/report-kind.ts';
import { inCluster } from '../contract/made.ts';
import { ask, type ServiceWorld } from '../sandbox/service-world.ts';
import { expectCompleted, filesBelow, filesInStore, type RestReport, untilOver } from './endings.ts';
import { GATHER_IMAGE, gatherFor, startGatherWorld } from './gathers.ts';
import { makeNamespace, NAMESPACE, type ServeProcess, startServe } from './serve-process.ts';

// 20 reports at once: 18 of somebody, and then two of somebody else.

const OF_ONE = 18;
const OF_OTHER = 2;
/** `--gathers`, unless told. */
const AT_ONCE = 4;

let world: ServiceWorld;
let server: ServeProcess;
beforeAll(async () => {
  world = await startGatherWorld();
  await makeNamespace(world);
  server = await startServe(world, { home: 'many' });
});
afterAll(async () => {
  await server?.kill();
  await world?.close();
});

/** How many pods of gathers there were at once, at most; those that were told to go do not count. */
function countPods(): () => number {
  const there = new Set<string>();
  let most = 0;
  world.sandbox.api.store.subscribe(({ resource, key, object }) => {
    if (resource.plural !== pods.plural || resource.group !== '') return;
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) there.delete(key);
    else there.add(key);
    most = Math.max(most, there.size);
  });
  return () => most;
}

async function make(requester: string, index: number): Promise<void> {
  const metadata = { name: `${requester}-${index}`, annotations: { [REQUESTED_BY_ANNOTATION]: requester } };
  const spec = { images: [GATHER_IMAGE], command: gatherFor(1), timeout: '5m' };
  await world.kube.create(mustGatherReports, { metadata, spec }, { namespace: NAMESPACE });
}

test('20 reports at once: four gathers at a time, nobody waits for all of another, all of them completed', {
  timeout: 400_000,
}, async () => {
  const mostPods = countPods();
  const beganMs = Date.now();
  for (let index = 0; index < OF_ONE; index += 1) await make('one', index);
  for (let index = 0; index < OF_OTHER; index += 1) await make('other', index);
  const listed = async () => (await (await fetch(`${server.url}/must-gather`)).json()) as RestReport[];
  const isOver = ({ status }: RestReport) => status === 'completed' || status === 'error';
  await expect
    .poll(async () => (await listed()).filter(isOver).length, { timeout: 350_000, interval: 1000 })
    .toBe(OF_ONE + OF_OTHER);
  const seconds = Math.round((Date.now() - beganMs) / 1000);
  expect(mostPods()).toBe(AT_ONCE);
  const reports = await listed();
  for (const { id } of reports) {
    const url = `${server.url}/must-gather/${id}`;
    await expectCompleted(await untilOver(url, 1000), url, world.folder);
  }
  const endsOf = (requester: string) =>
    reports
      .filter((report) => report['requested-by'] === requester)
      .map((report) => Date.parse(String(report['finished-at'])));
  // Asked for last, and done while most of the others wait.
  const lastOfOther = Math.max(...endsOf('other'));
  expect(endsOf('other')).toHaveLength(OF_OTHER);
  expect(endsOf('one').filter((endMs) => endMs > lastOfOther).length).toBeGreaterThan(OF_ONE / 2);
  const most = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1];
  const memory = Math.round((Number(most) * 1024) / 1e6);
  process.stdout.write(`20 reports at once: ${seconds} s, at most ${memory} MB of memory in the server\n`);
  for (const { id } of reports) expect((await ask(`${server.url}/must-gather/${id}`, 'DELETE')).status).toBe(204);
  const left = async () => [...(await inCluster(world.kube)), ...(await filesInStore(join(server.home, 'store')))];
  await expect.poll(left, { timeout: 90_000, interval: 500 }).toEqual([]);
  await server.stop();
  expect(await filesBelow(join(server.home, 'tmp'))).toEqual([]);
});
