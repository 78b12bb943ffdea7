import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyArchive } from '../../src/archive/verify.ts';
import { namespaces } from '../../src/kube/kinds.ts';
import { inCluster } from '../contract/made.ts';
import { seeded } from '../faults/seeded.ts';
import { ask, bin, type ServiceWorld, startServiceWorld } from './service-world.ts';

/** Moments after a start at which the server is killed: a gather of the sample takes some five seconds. */
const KILLS = process.env.MUSTER_LONG === undefined ? 2 : 60;
const SEED = 20_261_121;

describe('servers that are killed and stopped', () => {
  let world: ServiceWorld;
  let server: ChildProcess | undefined;
  const lines: string[] = [];
  beforeAll(async () => {
    world = await startServiceWorld();
    await world.kube.create(namespaces, { metadata: { name: 'muster' } });
  });
  afterAll(async () => {
    server?.kill('SIGKILL');
    await world.close();
  }, 60_000);

  const flags = () => ['--auth=none', '--listen=127.0.0.1:0', `--store=${join(world.folder, 'killed')}`];
  /** Answers with the address, once the server listens. */
  const start = async (onLine: (line: Record<string, unknown>) => void = () => undefined): Promise<string> => {
    const child = spawn(process.execPath, [bin, 'serve', '--kubeconfig', world.kubeconfigFile, ...flags()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = child;
    let rest = '';
    return await new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${lines.slice(-3).join('\n')}`)));
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        const found = (rest + text).split('\n');
        rest = found.pop() ?? '';
        for (const line of found) {
          lines.push(line);
          const told = JSON.parse(line) as { message: string; url?: string };
          const { message, url } = told;
          onLine(told);
          if (message === 'listening' && url !== undefined) resolve(url);
        }
      });
    });
  };
  const kill = async () => {
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server?.removeAllListeners('exit');
    server?.once('exit', () => undefined);
    server?.kill('SIGKILL');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500))]);
  };
  const leftovers = () => inCluster(world.kube);

  it('brings every report to its end, none lost, none doubled, nothing left', {
    timeout: 90_000 + KILLS * 60_000,
  }, async () => {
    const random = seeded(SEED);
    let url = await start();
    const asked: number[] = [];
    for (let kills = 0; kills < KILLS; kills += 1) {
      const { status, body } = await ask(`${url}/must-gather`, 'POST', { components: ['cluster'] });
      expect(status).toBe(201);
      asked.push(Number(body.id));
      await new Promise((resolve) => setTimeout(resolve, random() * 7000));
      await kill();
      url = await start();
    }
    const listed = async () => (await (await fetch(`${url}/must-gather`)).json()) as Record<string, unknown>[];
    const open = async () => (await listed()).filter(({ status }) => status !== 'completed' && status !== 'error');
    await expect.poll(open, { timeout: 60_000 + KILLS * 10_000, interval: 500 }).toEqual([]);
    const reports = await listed();
    expect(reports.map(({ id }) => id)).toEqual(asked);
    for (const report of reports) {
      expect([report.id, report.phase, report.message]).toEqual([report.id, 'Completed', '']);
      const bytes = Buffer.from(await (await fetch(`${url}/must-gather/${report.id}/data`)).arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);
      const file = join(world.folder, `${report.id}.tar.gz`);
      await writeFile(file, bytes);
      await verifyArchive(file);
    }
    await expect.poll(leftovers, { timeout: 60_000, interval: 500 }).toEqual([]);
    const errors = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
    expect(errors).toEqual([]);
  });

  it('one that leads is stopped for longer than its lease: the other goes on, and nothing goes back', {
    timeout: 240_000,
  }, async () => {
    await kill();
    let isFirstLeading = false;
    const firstUrl = await start(({ message }) => {
      isFirstLeading ||= message === 'this process leads';
    });
    const first = server;
    await expect.poll(() => isFirstLeading, { timeout: 60_000 }).toBe(true);
    const secondUrl = await start();
    const { body } = await ask(`${firstUrl}/must-gather`, 'POST', { 'all-images': true });
    const url = `${secondUrl}/must-gather/${body.id}`;
    await expect
      .poll(async () => JSON.stringify((await ask(url)).body.gathers), { timeout: 60_000 })
      .toContain('Running');
    first?.kill('SIGSTOP');
    try {
      await expect.poll(async () => (await ask(url)).body.phase, { timeout: 120_000 }).toBe('Completed');
      const before = (await ask(url)).body;
      first?.kill('SIGCONT');
      // What it had begun is on its way out by now, if it ever comes.
      await new Promise((resolve) => setTimeout(resolve, 8000));
      expect((await ask(url)).body).toEqual(before);
      const bytes = Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(before['archive-sha256']);
      await expect.poll(leftovers, { timeout: 60_000, interval: 500 }).toEqual([]);
    } finally {
      first?.kill('SIGKILL');
    }
  });
});
