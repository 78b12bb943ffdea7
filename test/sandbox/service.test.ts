import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../src/archive/read-archive.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { clusterRoleBindings, namespaces } from '../../src/kube/kinds.ts';
import { mustGatherReports } from '../../src/operator/report-kind.ts';
import type { Service } from '../../src/server/service.ts';
import { ask, type ServiceWorld, startServiceWorld, untilState } from './service-world.ts';

describe('the service on a sandbox', () => {
  let world: ServiceWorld;
  let service: Service;
  beforeAll(async () => {
    world = await startServiceWorld();
    service = await world.start();
  });
  afterAll(() => world.close(), 60_000);
  const soon = { timeout: 30_000 };
  const at = (path: string) => `${service.url}/must-gather${path}`;

  /** What Muster made for reports in the cluster, and keeps in the store. */
  const leftovers = async () => {
    const labelSelector = 'muster.dev/report';
    const kept = await Promise.all([
      Array.fromAsync(world.kube.list(namespaces, { labelSelector })),
      Array.fromAsync(world.kube.list(clusterRoleBindings, { labelSelector })),
      world.store.list('parts'),
    ]);
    return kept.flat();
  };

  it('makes a report out of the request of the seed, and leaves nothing but its archive', {
    timeout: 60_000,
  }, async () => {
    const { status, body } = await ask(at(''), 'POST', { 'custom-name': 'first', timeout: '15m' });
    expect([status, body.id, body.status]).toEqual([201, 1, 'new']);
    const report = await untilState(at('/1'), ['completed', 'error']);
    expect(report).toMatchObject({
      status: 'completed',
      phase: 'Completed',
      partial: false,
      message: '',
      timeout: '15m',
    });
    expect(report['exec-output']).toMatch(/^\[must-gather {6}\] OUT .*Using gather images: .*must-gather:4\.22$/m);
    expect(report['exec-output']).toMatch(/^\[openshift {8}\] POD \S+ .*Done: \d+ files$/m);

    const response = await fetch(at('/first/data'));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="must-gather-first.tar.gz"');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.length).toBe(report['archive-size']);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);
    const file = join(world.folder, 'first.tar.gz');
    await writeFile(file, bytes);
    await verifyArchive(file);
    const archive = await openArchive(file);
    const paths = await Array.fromAsync(archive.entries(), ({ path }) => path.replace(/^[^/]+\//, ''));
    await archive.close();
    expect(paths).toEqual(expect.arrayContaining(['must-gather.logs', 'event-filter.html', 'timestamp']));
    expect(paths.filter((path) => path.endsWith('/gather.logs'))).toHaveLength(1);
    await expect.poll(leftovers, soon).toEqual([]);

    const verify = async () => (await ask(at('/first/verify'), 'POST')).body.state;
    expect(await verify()).toBe('same');
    const key = `archives/${(await world.store.list('archives'))[0]?.key.split('/')[1]}/must-gather.tar.gz`;
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
    await world.store.put(key, Readable.from([bytes]));
    expect(await verify()).toBe('different');
    await world.store.remove(key);
    expect(await verify()).toBe('missing');
  });

  it('tells a person what happened through kubectl: conditions, events, report_url', { timeout: 60_000 }, async () => {
    const made = await world.kube.create(
      mustGatherReports,
      { metadata: { name: 'by-hand' } },
      { namespace: 'default' },
    );
    await expect
      .poll(async () => (await world.kube.get(mustGatherReports, 'by-hand', { namespace: 'default' })).status?.phase, {
        timeout: 45_000,
      })
      .toBe('Completed');
    const { status, metadata } = await world.kube.get(mustGatherReports, 'by-hand', { namespace: 'default' });
    const id = Number(metadata.labels?.['muster.dev/id']);
    expect(status).toMatchObject({ id, report_url: at(`/${id}/data`), progress: { percent: 100 } });
    expect(status?.conditions?.map(({ type, status: is }) => `${type} ${is}`)).toEqual([
      'Initialized True',
      'Ready True',
    ]);
    const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.uid%3D${made.metadata.uid}`;
    const told = async () =>
      (await world.kube.json<{ items: { reason: string }[] }>(path)).items.map(({ reason }) => reason).sort();
    await expect.poll(told, soon).toEqual(['Completed', 'Planned']);
    expect(Date.parse(status?.expiresAt ?? '') - Date.parse(status?.finishedAt ?? '')).toBe(24 * 3_600_000);
  });

  it('keeps what was gathered when it is cancelled, retries, and deletes', { timeout: 60_000 }, async () => {
    const { body } = await ask(at(''), 'POST', { 'custom-name': 'stopped', 'all-images': true });
    await untilState(at('/stopped'), ['inprogress']);
    await expect
      .poll(async () => JSON.stringify((await ask(at('/stopped'))).body.gathers), soon)
      .toContain('"Running"');
    expect((await ask(at('/stopped/cancel'), 'POST')).status).toBe(202);
    const cancelled = await untilState(at('/stopped'), ['error']);
    expect(cancelled).toMatchObject({ phase: 'Cancelled' });
    expect(cancelled.message).toMatch(/^cancelled; /);
    // What was kept can be fetched, though the seed's state is `error`.
    const kept = Buffer.from(await (await fetch(at('/stopped/data'))).arrayBuffer());
    expect(createHash('sha256').update(kept).digest('hex')).toBe(cancelled['archive-sha256']);

    const retried = await ask(at('/stopped/retry'), 'POST');
    expect(retried).toMatchObject({ status: 201, body: { 'retry-of': null, 'all-images': true } });
    const again = Number(retried.body.id);
    await expect.poll(async () => (await ask(at(`/${body.id}`))).status, soon).toBe(404);
    await expect.poll(async () => (await ask(at(`/${again}`))).body['retry-of'], soon).toBe(body.id);
    expect((await ask(at(`/${again}`), 'DELETE')).status).toBe(204);
    await expect.poll(async () => (await ask(at(`/${again}`))).status, { timeout: 30_000 }).toBe(404);
    await expect.poll(leftovers, soon).toEqual([]);
  });

  it('fails with a reason what names nothing', { timeout: 30_000 }, async () => {
    const { body } = await ask(at(''), 'POST', { 'node-name': 'nowhere' });
    const failed = await untilState(at(`/${body.id}`), ['error']);
    expect(failed).toMatchObject({ phase: 'Failed', message: 'node "nowhere" does not exist in this cluster' });
    expect(failed['archive-size']).toBe(0);
    expect((await ask(at(`/${body.id}/data`))).status).toBe(404);
  });

  it('deletes a report when its time is over', { timeout: 60_000 }, async () => {
    const { body } = await ask(at(''), 'POST', { 'node-name': 'nowhere', 'delete-after': '2s' });
    await untilState(at(`/${body.id}`), ['error']);
    await expect.poll(async () => (await ask(at(`/${body.id}`))).status, soon).toBe(404);
  });

  it('keeps the namespace that a person wants to look into, also when the next process sweeps', {
    timeout: 90_000,
  }, async () => {
    const { body } = await ask(at(''), 'POST', { components: ['cluster'], 'keep-namespace': true });
    expect(await untilState(at(`/${body.id}`), ['completed', 'error'])).toMatchObject({ phase: 'Completed' });
    const labels = { 'muster.dev/report': 'a-report-that-is-gone', 'muster.dev/run-by': 'service' };
    await world.kube.create(namespaces, { metadata: { name: 'left-by-a-crash', labels } });
    await service.stop();
    service = await world.start();
    const kept = async () =>
      (await Array.fromAsync(world.kube.list(namespaces, { labelSelector: 'muster.dev/report' }))).map(
        ({ metadata }) => metadata.name ?? '',
      );
    await expect.poll(kept, soon).not.toContain('left-by-a-crash');
    const [left = '', ...others] = await kept();
    expect([left, others]).toEqual([expect.stringMatching(/^openshift-must-gather-/), []]);
    // As with `oc adm must-gather --keep`, its binding is the person's to remove, too.
    await expect.poll(async () => (await leftovers()).length, soon).toBe(2);
    await world.kube.remove(clusterRoleBindings, left.replace('openshift-', ''));
    await world.kube.remove(namespaces, left);
    await expect.poll(leftovers, soon).toEqual([]);
  });

  it('is taken over by the next process in the middle of a gather, and none is doubled', {
    timeout: 90_000,
  }, async () => {
    const { body } = await ask(at(''), 'POST', { 'all-images': true });
    await expect
      .poll(async () => JSON.stringify((await ask(at(`/${body.id}`))).body.gathers), soon)
      .toContain('"Running"');
    await service.stop();
    service = await world.start();
    const report = await untilState(at(`/${body.id}`), ['completed', 'error']);
    expect(report).toMatchObject({ phase: 'Completed' });
    const lines = String(report['exec-output']).match(/^\[\S+ *\] POD \S+/gm) ?? [];
    expect(lines.length).toBeGreaterThan(20);
    expect(lines).toEqual([...new Set(lines)]);
    await expect.poll(leftovers, soon).toEqual([]);
  });

  it('tells no one anything it should not in its log', () => {
    const known = world.lines.map((line) => JSON.parse(line) as { level: string; message: string; stack?: string });
    expect(known.filter(({ level, message }) => level === 'error' || message === '')).toEqual([]);
    expect(known.some(({ message }) => message === 'audit')).toBe(true);
  });
});
