import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask as kubectl, must, namespace } from '../cluster/deployment.ts';
import { expectNothingLeft } from '../cluster/kill-reports.ts';
import { type Ground, prepareGround, stop, withPlace } from '../cluster/kill-rounds.ts';
import { type Place, startAgain, testHere } from '../cluster/kill-service.ts';
import { image } from '../cluster/muster.ts';
import { ask } from '../sandbox/service-world.ts';
import { expectCompleted, expectWhole, type RestReport, until, untilOver } from './endings.ts';
import { gatherFor, makeReport } from './gathers.ts';
import { sampleOf } from './seeded.ts';

// What a real cluster takes away from a gather or refuses to it: evictions, images, quotas, admission; its API server away
// for a minute; a volume that is full. The server is a process of this machine.

const isHere = process.env.KUBECONFIG !== undefined;
if (!isHere) process.stdout.write('faults of a real cluster are left out: no KUBECONFIG\n');
const isLong = process.env.MUSTER_LONG !== undefined;
const SEED = Number(process.env.MUSTER_SEED ?? 20_261_121);
const WITHIN_MS = 240_000;
const AWAY_MS = 60_000;
const MISSING_IMAGE = 'localhost:1/muster-test/missing:1';

let ground: Ground;
beforeAll(async () => {
  if (isHere) ground = await prepareGround();
});
afterAll(() => ground?.remove());

/** A server for `work`; all its reports are deleted in the end, and nothing is left. */
async function withServer(name: string, work: (server: Asked) => Promise<void>, prepare?: Prepare): Promise<void> {
  await withPlace({ ...ground, name }, async (place) => {
    const undo = await prepare?.(place);
    try {
      const server = place.serve();
      expect(await server.listening, place.log.slice(-3).join('\n')).toBe(true);
      await work({ place, make: (wish) => make(place, wish) });
      const list = async () => (await (await fetch(`${place.url}/must-gather`)).json()) as { id: number }[];
      for (const { id } of await list()) await fetch(`${place.url}/must-gather/${id}`, { method: 'DELETE' });
      await until(list, (left) => left.length === 0, WITHIN_MS);
      await stop(server);
      await expectNothingLeft(place);
    } finally {
      undo?.();
    }
  });
}
type Asked = { readonly place: Place; readonly make: (wish: object) => Promise<string> };
/** What has to be there before the server; answers with what takes it away. */
type Prepare = (place: Place) => Promise<() => void>;

async function make({ url }: Place, wish: object): Promise<string> {
  return (await makeReport(url, { image: image('good'), command: gatherFor(2), timeout: '4m', ...wish })).url;
}

/** It has not come to what was asked for, and says why; what it has can be fetched. */
async function expectEnded(report: RestReport, url: string, phase: 'Partial' | 'Failed', why: RegExp): Promise<void> {
  expect([report.id, report.phase, report.message]).toEqual([report.id, phase, expect.stringMatching(why)]);
  if (report['archive-sha256'] !== '') await expectWhole(report, url, ground.folder);
}

async function retried(url: string): Promise<void> {
  const { status, body } = await ask(`${url}/retry`, 'POST');
  expect(status, JSON.stringify(body)).toBe(201);
  const again = url.replace(/\d+$/, String(body.id));
  await expectCompleted(await untilOver(again, WITHIN_MS), again, ground.folder);
}

/** Somebody's namespace with something in it that limits pods. */
async function withLimits(name: string, limits: object, work: () => Promise<void>): Promise<void> {
  must(['create', '-f', '-'], { input: namespace(name) });
  try {
    must(['create', '-n', name, '-f', '-'], { input: limits });
    const account = ['get', 'serviceaccount', 'default', '-n', name];
    await until(async () => kubectl(account).ok, Boolean, WITHIN_MS);
    await work();
    const pods = ['get', 'pods', '-n', name, '-l', 'muster.dev/report', '-o', 'name'];
    await until(
      async () => must(pods),
      (left) => left === '',
      WITHIN_MS,
    );
  } finally {
    must(['delete', 'namespace', name, '--wait=false']);
  }
}

const limitRange = (limit: object) => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'limits' },
  spec: { limits: [{ type: 'Container', ...limit }] },
});
const quota = (hard: object) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota' },
  spec: { hard },
});

describe.skipIf(!isHere)('a real cluster', { timeout: 600_000 }, () => {
  it('evicts a gather by request, as of a drain; not for its disk, as its pod is a critical one', async () => {
    const limits = limitRange({ default: { 'ephemeral-storage': '20Mi' } });
    await withLimits('muster-faults-disk', limits, async () => {
      await withServer('evicted', async ({ make }) => {
        // What is there for some seconds is uploaded by then.
        const begin = 'echo one >/must-gather/version; head -c 3000000 /dev/urandom >/must-gather/early; sleep 8';
        // The kubelet looks every 10 s, and says that it cannot evict a critical pod: the disk limit is Muster's to keep.
        const fill = `${begin}; head -c 150000000 /dev/zero >/must-gather/large; sleep 30`;
        const full = await make({ command: fill, 'run-namespace': 'muster-faults-disk' });
        const drained = await make({ command: `${begin}; sleep 200`, 'custom-name': 'drained' });
        const name = await until(() => podOf('drained'), Boolean, WITHIN_MS);
        await setTimeout(8000);
        evict(name);
        await expectEnded(await untilOver(drained, WITHIN_MS), drained, 'Partial', /its pod was deleted/);
        await expectCompleted(await untilOver(full, WITHIN_MS), full, ground.folder);
        expect(await earlyOf(drained)).toBe(3_000_000);
      });
    });
  });

  it('cannot pull an image: the others are kept, and the message says which and what to do', async () => {
    await withServer('unpulled', async ({ make }) => {
      const alone = await make({ image: MISSING_IMAGE });
      const beside = await make({ image: undefined, images: [image('good'), MISSING_IMAGE] });
      const why = /check its name, and that the node can pull localhost:1\/muster-test\/missing:1/;
      await expectEnded(await untilOver(beside, WITHIN_MS), beside, 'Partial', why);
      await expectEnded(await untilOver(alone, WITHIN_MS), alone, 'Failed', why);
    });
  });

  it('has no room for pods in its quota, and limits that pods do not keep: retried once there is', async () => {
    await withServer('refused', async ({ make }) => {
      await withLimits('muster-faults-quota', quota({ pods: '0' }), async () => {
        const hard = [
          'get',
          'resourcequota',
          'quota',
          '-n',
          'muster-faults-quota',
          '-o',
          'jsonpath={.status.hard.pods}',
        ];
        await until(
          async () => must(hard),
          (pods) => pods === '0',
          WITHIN_MS,
        );
        const url = await make({ 'run-namespace': 'muster-faults-quota' });
        await expectEnded(await untilOver(url, WITHIN_MS), url, 'Failed', /exceeded quota: quota.*pods=0/);
        must(['delete', 'resourcequota', 'quota', '-n', 'muster-faults-quota']);
        await setTimeout(2000);
        await retried(url);
      });
      const ratio = limitRange({ maxLimitRequestRatio: { cpu: '1' } });
      await withLimits('muster-faults-limits', ratio, async () => {
        const url = await make({ 'run-namespace': 'muster-faults-limits' });
        await expectEnded(await untilOver(url, WITHIN_MS), url, 'Failed', /forbidden.*cpu max limit to request ratio/);
      });
    });
  });

  it('does not admit the namespace: the message is that of the policy, and a retry goes well without it', async () => {
    await withServer('unadmitted', async ({ make }) => {
      const undo = await refuseNamespaces();
      try {
        const url = await make({});
        await expectEnded(await untilOver(url, WITHIN_MS), url, 'Failed', /no gathers here on Fridays/);
        undo();
        await until(
          async () => isRefused(),
          (is) => !is,
          WITHIN_MS,
        );
        await retried(url);
      } finally {
        undo();
      }
    });
  });

  testHere('has its store on a volume that is full: that report says so, others go on', async () => {
    vi.stubEnv('MUSTER_STORE_RESERVE', '1');
    try {
      await withServer(
        'full',
        async ({ make }) => {
          const patient = await make({ command: gatherFor(25) });
          const large = await make({ command: gatherFor(2, 30_000_000) });
          const failed = await untilOver(large, WITHIN_MS);
          expect(String(failed.phase)).toMatch(/^(Failed|Partial)$/);
          await expectEnded(failed, large, failed.phase as 'Failed', /ENOSPC|no space left|no room/);
          await expectCompleted(await untilOver(patient, WITHIN_MS), patient, ground.folder);
          const later = await make({});
          await expectCompleted(await untilOver(later, WITHIN_MS), later, ground.folder);
        },
        mountSmall,
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  testHere.each(sampleOf(['accepted', 'gathering', 'packing', 'deleting'], isLong ? undefined : 1, SEED))(
    'has its API server away for a minute when a report is %s',
    async (step) => {
      await withServer(`away-${step}`, async ({ make }) => {
        const url = await make({ command: gatherFor(step === 'gathering' ? 20 : 3) });
        const reach: Record<string, (report: RestReport) => boolean> = {
          accepted: () => true,
          gathering: ({ gathers }) => (gathers as { phase: string }[])[0]?.phase === 'Running',
          packing: ({ phase }) => phase === 'Packing' || phase === 'Completed',
          deleting: ({ phase }) => phase === 'Completed',
        };
        await until(async () => (await ask(url)).body, reach[step] ?? (() => true), WITHIN_MS);
        if (step === 'deleting') expect((await ask(url, 'DELETE')).status).toBe(204);
        const pidFile = join(dirname(process.env.KUBECONFIG ?? ''), 'pids', 'kube-apiserver');
        process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
        try {
          await setTimeout(AWAY_MS);
        } finally {
          await startAgain();
        }
        if (step !== 'deleting') await expectCompleted(await untilOver(url, WITHIN_MS), url, ground.folder);
      });
    },
  );
});

/** Name and namespace of the pod of a report, by the custom name; empty until there is one that runs. */
async function podOf(customName: string): Promise<string> {
  const reports = JSON.parse(must(['get', 'mgr', '-A', '-o', 'json'])) as {
    items: { metadata: { uid: string }; spec: { customName?: string } }[];
  };
  const uid = reports.items.find(({ spec }) => spec.customName === customName)?.metadata.uid;
  const running = ['--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}'];
  const inNamespace = `openshift-must-gather-${uid}`;
  const name = must(['get', 'pods', '-n', inNamespace, ...running]);
  return name === '' ? '' : `${inNamespace}/${name}`;
}

function evict(pod: string): void {
  const [inNamespace = '', name = ''] = pod.split('/');
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: inNamespace } };
  const path = `/api/v1/namespaces/${inNamespace}/pods/${name}/eviction`;
  must(['create', '--raw', path, '-f', '-'], { input: eviction });
}

/** Bytes of what the evicted gathers wrote first, as it is in the archive. */
async function earlyOf(url: string): Promise<number> {
  const archive = Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer());
  return execFileSync('tar', ['-xzO', '--wildcards', '*/early'], { input: archive, maxBuffer: 2 ** 24 }).length;
}

const POLICY = 'muster-faults-no-namespaces';
const refusedOne = () => namespace('muster-faults-probe', { 'muster.dev/report': 'probe' });
const isRefused = () => {
  const { ok } = kubectl(['create', '--dry-run=server', '-f', '-'], { input: refusedOne() });
  return !ok;
};

/** A policy of an administrator who wants no reports; resolves when it is in force. */
async function refuseNamespaces(): Promise<() => void> {
  const kinds = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['namespaces'] };
  const api = 'admissionregistration.k8s.io/v1';
  const policy = {
    apiVersion: api,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: POLICY },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [
        {
          expression: "!has(object.metadata.labels) || !('muster.dev/report' in object.metadata.labels)",
          message: 'no gathers here on Fridays',
        },
      ],
    },
  };
  const spec = { policyName: POLICY, validationActions: ['Deny'] };
  const binding = { apiVersion: api, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: POLICY }, spec };
  const undo = () => {
    must(['delete', kinds, POLICY, '--ignore-not-found']);
  };
  try {
    for (const input of [policy, binding]) must(['create', '-f', '-'], { input });
    await until(async () => isRefused(), Boolean, WITHIN_MS);
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

/** A disk of a few megabytes for the store. */
const mountSmall: Prepare = async ({ store }) => {
  await mkdir(store);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'muster-faults', store]);
  return () => execFileSync('umount', ['-l', store]);
};
