import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifyArchive } from '../../src/archive/verify.ts';
import { root } from '../contract/command.ts';
import { must } from './deployment.ts';
import type { Place } from './kill-service.ts';
import { image } from './muster.ts';
import type { PodRecord } from './pod-record.ts';

/** Something at once, something in a folder, a line of log, and something at the end. */
export const SMALL_GATHER = [
  'mkdir /must-gather/a; echo one >/must-gather/version; echo two >/must-gather/a/b; echo said',
  'sleep 2; echo three >/must-gather/last',
].join('; ');

export type Report = {
  readonly id: number;
  readonly name: string;
  readonly 'custom-name': string;
  readonly status: string;
  readonly phase: string;
  readonly message: string;
  readonly 'archive-sha256': string;
};

/** Asks a server for reports that is killed now and then, or whose cluster is, and knows what it asked for. */
export type Asker = ReturnType<typeof createAsker>;

export function createAsker(url: string, { mayBeRefused = false }: { readonly mayBeRefused?: boolean } = {}) {
  let asked = 0;
  /** Custom names of reports that the server said it made; of those that it was killed at, one may be there. */
  const answered = new Set<string>();
  const removed = new Map<number, string>();
  const list = async (): Promise<Report[]> => (await (await fetch(`${url}/must-gather`)).json()) as Report[];
  const orKilled = <T>(work: () => Promise<T>): Promise<T | undefined> => work().catch(() => undefined);
  const isOver = ({ status }: Report) => status === 'completed' || status === 'error';
  const data = async ({ id }: Report) =>
    Buffer.from(await (await fetch(`${url}/must-gather/${id}/data`)).arrayBuffer());

  const ask = async (more: object = {}): Promise<number | undefined> => {
    asked += 1;
    const name = `kill-${asked}`;
    const wish = { image: image('good'), command: SMALL_GATHER, timeout: '2m', 'custom-name': name, ...more };
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/must-gather`, { method: 'POST', headers, body: JSON.stringify(wish) }).catch(
      () => undefined, // it was killed: the report may be there, once
    );
    if (answer === undefined) return undefined;
    const text = await answer.text().catch(() => undefined);
    if (text === undefined) return undefined;
    // The cluster was away for longer than a caller waits: the report may be there, once.
    if (mayBeRefused && answer.status >= 500) return undefined;
    expect(answer.status, text).toBe(201);
    answered.add(name);
    return (JSON.parse(text) as Report).id;
  };
  const remove = async (report: Report): Promise<void> => {
    removed.set(report.id, report['custom-name']);
    await fetch(`${url}/must-gather/${report.id}`, { method: 'DELETE' }).catch(() => undefined); // killed: asked again at the end
  };
  return {
    ask,
    asked: () => asked,
    data,
    list,
    /** Custom names of reports that have to be there: promised, and not deleted. */
    expected: () => [...answered].filter((name) => ![...removed.values()].includes(name)),
    /** Deletes the oldest report where there are others, once it has ended and was looked at. */
    removeOneThatEnded: async (): Promise<void> => {
      const [oldest, ...more] = (await orKilled(list)) ?? [];
      if (oldest === undefined || more.length < 3 || !isOver(oldest)) return;
      // One whose deletion was lost with a server is asked for again: it would stand before the others for good.
      if (removed.has(oldest.id)) return await remove(oldest);
      const bytes = await orKilled(() => data(oldest));
      if (bytes === undefined) return;
      await expectWell(oldest, bytes);
      await remove(oldest);
    },
    /** Waits until all reports have ended, and answers with those that nobody deleted. */
    untilEnded: async (withinMs = 60_000): Promise<Report[]> => {
      const open = async () => (await list()).filter((each) => !isOver(each)).map(({ id, phase }) => `${id} ${phase}`);
      await expect.poll(open, { timeout: withinMs, interval: 500 }).toEqual([]);
      return (await list()).filter(({ id }) => !removed.has(id));
    },
    removeAll: async (): Promise<void> => {
      for (const report of await list()) await remove(report);
      await expect.poll(list, { timeout: 120_000, interval: 500 }).toEqual([]);
    },
  };
}

/** Completed and whole, each once, with one pod each, and all that were promised. */
export async function expectAllWell(
  reports: readonly Report[],
  asker: Asker,
  pods: PodRecord | undefined,
): Promise<void> {
  const listed = reports.map((report) => report['custom-name']);
  expect(listed.length, 'none is doubled').toBe(new Set(listed).size);
  expect(
    asker.expected().filter((name) => !listed.includes(name)),
    'none is lost',
  ).toEqual([]);
  for (const report of reports) await expectWell(report, await asker.data(report));
  const doubled = [...(pods?.perNamespace() ?? [])].filter(([, count]) => count > 1);
  expect(doubled, 'no gather ran twice').toEqual([]);
}

async function expectWell(report: Report, bytes: Buffer): Promise<void> {
  expect([report.id, report.phase, report.message]).toEqual([report.id, 'Completed', '']);
  await expectWhole(report, bytes);
}

/** What was fetched has the digest that was told, and is an archive. */
export async function expectWhole(report: Report, bytes: Buffer): Promise<void> {
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);
  const folder = await mkdtemp(join(tmpdir(), 'muster-kills-'));
  try {
    const file = join(folder, 'archive.tar.gz');
    await writeFile(file, bytes);
    await verifyArchive(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Once all reports were deleted and no server runs. */
export async function expectNothingLeft({ store, temporary }: Place): Promise<void> {
  const inCluster = () => must(['get', 'namespaces,clusterrolebindings', '-l', 'muster.dev/report', '-o', 'name']);
  await expect.poll(inCluster, { timeout: 60_000, interval: 500 }).toBe('');
  expect(await filesBelow(join(store, 'objects'))).toEqual([]);
  expect(await filesBelow(join(store, 'temporary'))).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
  const whole = ['ca.crt', 'muster-tls.json'];
  const certificates = (await readdir(store)).includes('tls') ? await readdir(join(store, 'tls')) : undefined;
  expect(certificates?.sort() ?? whole).toEqual(whole);
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** The custom resource alone, of deploy/base: the server of these tests is no pod. */
export function installKind(): void {
  must(['apply', '-f', join(root, 'deploy/base/crd.yaml')]);
  must(['wait', '--for=condition=Established', 'crd/mustgatherreports.muster.dev', '--timeout=60s']);
  // A service leads all reports of the cluster, and their numbers are unique for one service only.
  expect(must(['get', 'mgr', '-A', '-o', 'name'])).toBe('');
}
