import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { must } from './deployment.ts';
import { testHere } from './kill-service.ts';
import { expectGone, expectReady, type LiveService, readReport, startLiveService, tokenOf } from './live-service.ts';
import { image, loadImages } from './muster.ts';
import { watchPods, watchProgress } from './pod-record.ts';

// Two replicas as deploy/base installs them, on one volume. The one that leads is stopped (SIGSTOP) for a minute in the
// middle of a gather, as a machine is that is frozen, and goes on when another leads.

const STOPPED_FOR_MS = 60_000;
/** What it had begun when it was stopped is on its way out by then, if it ever comes. */
const SETTLED_AFTER_MS = 10_000;
/** The lease is 15 s. */
const LED_WITHIN_MS = 40_000;

let live: LiveService;
beforeAll(async () => {
  loadImages(['good']);
  live = await startLiveService({ replicas: 2 });
});
afterAll(() => live?.remove());

const GATHER =
  'echo one >/must-gather/version; for i in $(seq 30); do echo $i >>/must-gather/ticks; echo $i; sleep 1; done';

const leader = () => must(['get', 'lease', 'muster', '-n', 'muster', '-o', 'jsonpath={.spec.holderIdentity}']);
const replicas = () =>
  must(['get', 'pods', '-n', 'muster', '-l', 'app=muster', '-o', 'jsonpath={.items[*].metadata.name}']).split(' ');

/** The processes of a pod, which the test's machine sees as the nodes are on it. */
function processesOf(pod: string): number[] {
  const uid = must(['get', 'pod', pod, '-n', 'muster', '-o', 'jsonpath={.metadata.uid}']);
  const isOfPod = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(uid);
    } catch {
      return false; // it ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOfPod(name))
    .map(Number);
}

/** Those that are there still: a pod that does not answer may have been ended by its kubelet. */
function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

testHere(
  'the one that leads is stopped for a minute: the other goes on, and nothing is doubled or goes back',
  {
    timeout: 300_000,
  },
  async () => {
    const token = tokenOf('boss');
    await expect.poll(leader, { timeout: LED_WITHIN_MS }).not.toBe('');
    const first = leader();
    const second = replicas().find((name) => name !== first) ?? '';
    const pods = watchPods();
    const body = JSON.stringify({ image: image('good'), command: GATHER, timeout: '3m' });
    const made = await live.callPod(second, 'POST', '/must-gather', { token, body });
    expect(made.status, made.body.toString()).toBe(201);
    const { id, name } = JSON.parse(made.body.toString()) as { id: number; name: string };
    const progress = watchProgress(name, 'muster');
    const stopped: number[] = [];
    try {
      const phases = () => must(['get', 'mgr', name, '-n', 'muster', '-o', 'jsonpath={.status.gathers[*].phase}']);
      await expect.poll(phases, { timeout: 60_000 }).toBe('Running');
      await setTimeout(8000);
      expect(leader()).toBe(first);
      stopped.push(...processesOf(first));
      expect(stopped).not.toEqual([]);
      signal(stopped, 'SIGSTOP');
      const goesOn = setTimeout(STOPPED_FOR_MS);
      await expect.poll(leader, { timeout: LED_WITHIN_MS }).toBe(second);
      expectReady(name, 'muster');
      await goesOn;
      const before = readReport(name, 'muster');
      signal(stopped, 'SIGCONT');
      await setTimeout(SETTLED_AFTER_MS);
      expect(readReport(name, 'muster')).toEqual(before);
      expect(before.status.phase).toBe('Completed');
      expect(leader()).toBe(second);
      for (const replica of replicas()) {
        must(['wait', 'pod', replica, '-n', 'muster', '--for=condition=Ready', '--timeout=120s']);
        const { body: bytes } = await live.callPod(replica, 'GET', `/must-gather/${id}/data`, { token });
        expect(createHash('sha256').update(bytes).digest('hex'), replica).toBe(before.status.archive.sha256);
      }
      expect([...pods.perNamespace().values()], 'one pod, once').toEqual([1]);
      expect(progress.wentBack()).toEqual([]);
      const { items } = JSON.parse(must(['get', 'mgr', '-A', '-o', 'json'])) as { items: unknown[] };
      expect(items).toHaveLength(1);
      expectGone(name, 'muster');
    } finally {
      signal(stopped, 'SIGCONT');
      pods.stop();
      progress.stop();
    }
  },
);
