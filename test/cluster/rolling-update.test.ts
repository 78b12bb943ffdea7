import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, must, pod } from './deployment.ts';
import {
  expectDeleted,
  expectGone,
  expectReady,
  type LiveService,
  type LiveWish,
  readReport,
  SHOP,
  startLiveService,
  tokenOf,
} from './live-service.ts';
import { image, loadImages } from './muster.ts';
import { watchPods, watchProgress } from './pod-record.ts';
import { openBucket } from './s3-bucket.ts';

// Two replicas on one store are replaced one by one, twice, while a gather runs, while its packer brings what it packed,
// and while an archive is fetched again and again: nothing is lost, and nobody sees more than a pause.

const ROLLS = 2;

/** A store that both reach, and how to look for what a report that is gone has left there. */
type Shared = { readonly wish: LiveWish; expectGone(name: string): Promise<void>; close(): Promise<void> };

const onVolume = async (): Promise<Shared> => ({
  wish: { components: ['replicas'] },
  expectGone: async (name) => expectGone(name, 'muster'),
  close: async () => undefined,
});

const inS3 = async (): Promise<Shared> => {
  const bucket = await openBucket();
  const metadata = { name: 'muster-s3', namespace: 'muster' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: bucket.secret };
  return {
    wish: { components: ['replicas', 's3'], more: [secret] },
    expectGone: async (name) => {
      const { uid } = readReport(name, 'muster').metadata;
      expect(await bucket.keysWith(uid), 'it was in the bucket').not.toEqual([]);
      expectDeleted(name, 'muster');
      expect(await bucket.keysWith(uid)).toEqual([]);
    },
    close: () => bucket.end(),
  };
};

// The bucket is on this machine.
const hasS3 = process.env.MUSTER_LONG !== undefined && process.env.MUSTER_TEST_IMAGES === undefined;
const stores = { 'one volume': onVolume, ...(hasS3 ? { S3: inS3 } : {}) };

/** Something to bring all the time: 3 MB a second that do not compress. */
const GATHER = 'for i in $(seq 60); do head -c 3000000 /dev/urandom >/must-gather/$i; echo $i; sleep 1; done';

/** Asks and waits over and over, as a program of somebody in the cluster, and says what went wrong. */
function downloader(id: number, sha256: string) {
  const script = `
    set -u
    node -e 'console.log(process.env.CA)' >/tmp/ca.crt
    export MUSTER_URL=https://muster.muster.svc MUSTER_CA_FILE=/tmp/ca.crt
    count=0
    while [ ! -e /tmp/enough ]; do
      muster report download ${id} --file /tmp/got --force >/tmp/said 2>&1 || echo "FAILED $(</tmp/said)"
      sum=$(node -p 'crypto.createHash("sha256").update(fs.readFileSync("/tmp/got")).digest("hex")')
      [ "$sum" = ${sha256} ] || echo "WRONG $sum"
      count=$((count + 1))
    done
    echo "fetched $count times"`;
  const ca = Buffer.from(
    must(['get', 'secret', 'muster-tls', '-n', 'muster', '-o', 'jsonpath={.data.ca\\.crt}']),
    'base64',
  ).toString();
  const of = ['get', 'deployment', 'muster', '-n', 'muster', '-o'];
  const container = {
    name: 'fetch',
    image: must([...of, 'jsonpath={.spec.template.spec.containers[0].image}']),
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/bash', '-c', script],
    env: [
      { name: 'MUSTER_TOKEN', value: tokenOf('boss', '--duration=1h') },
      { name: 'CA', value: ca },
    ],
  };
  return pod(SHOP, { name: 'fetcher', spec: { restartPolicy: 'Never', containers: [container] } });
}

const someReplica = () =>
  must(['get', 'pods', '-n', 'muster', '-l', 'app=muster', '--field-selector=status.phase=Running', '-o', 'name'])
    .trim()
    .split('\n')
    .map((name) => name.replace('pod/', ''))
    .at(-1) ?? '';

describe.each(Object.entries(stores))('two replicas on %s', (_, open) => {
  let live: LiveService;
  let shared: Shared;
  beforeAll(async () => {
    loadImages(['good']);
    shared = await open();
    live = await startLiveService({ replicas: 2, ...shared.wish });
  });
  afterAll(async () => {
    live?.remove();
    await shared?.close();
  });

  test('a rolling update while gathering, bringing and fetching loses nothing', { timeout: 600_000 }, async () => {
    await rollWhileBusy(live, shared.expectGone);
  });
});

async function rollWhileBusy(live: LiveService, expectGone: Shared['expectGone']): Promise<void> {
  const token = tokenOf('boss', '--duration=1h');
  const post = async (wish: object) => {
    const body = JSON.stringify({ image: image('good'), timeout: '5m', ...wish });
    const { status, body: answer } = await live.callPod(someReplica(), 'POST', '/must-gather', { token, body });
    expect(status, answer.toString()).toBe(201);
    return JSON.parse(answer.toString()) as { id: number; name: string };
  };
  const first = await post({ 'custom-name': 'to-fetch' });
  expectReady(first.name, 'muster');
  const { sha256 } = readReport(first.name, 'muster').status.archive;
  must(['create', '-f', '-'], { input: downloader(first.id, sha256) });
  must(['wait', 'pod/fetcher', '-n', SHOP, '--for=condition=Ready', '--timeout=60s']);

  const pods = watchPods();
  const second = await post({ 'custom-name': 'under-way', command: GATHER });
  const progress = watchProgress(second.name, 'muster');
  try {
    const bytes = () =>
      Number(must(['get', 'mgr', second.name, '-n', 'muster', '-o', 'jsonpath={.status.progress.bytes}']) || '0');
    await expect.poll(bytes, { timeout: 90_000, interval: 1000 }).toBeGreaterThan(5_000_000);
    for (let roll = 0; roll < ROLLS; roll += 1) {
      must(['rollout', 'restart', 'deployment/muster', '-n', 'muster']);
      must(['rollout', 'status', 'deployment/muster', '-n', 'muster', '--timeout=180s']);
    }
    expectReady(second.name, 'muster');
  } finally {
    pods.stop();
    progress.stop();
  }
  must(['exec', '-n', SHOP, 'fetcher', '--', 'bash', '-c', ': >/tmp/enough']);
  must(['wait', 'pod/fetcher', '-n', SHOP, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=90s']);
  const said = must(['logs', '-n', SHOP, 'fetcher']);
  expect(said).not.toMatch(/FAILED|WRONG/);
  expect(Number(/fetched (\d+) times/.exec(said)?.[1])).toBeGreaterThan(3);

  const { metadata, status } = readReport(second.name, 'muster');
  expect(status.phase).toBe('Completed');
  // That of the first report may still have been on its way out.
  expect(pods.perNamespace().get(`openshift-must-gather-${metadata.uid}`), 'one pod, once').toBe(1);
  expect(progress.wentBack()).toEqual([]);
  const shown = await live.callPod(someReplica(), 'GET', `/must-gather/${second.id}`, { token });
  expect(JSON.parse(shown.body.toString()).message).toBe('');
  const verified = await live.callPod(someReplica(), 'POST', `/must-gather/${second.id}/verify`, { token });
  expect(verified.status, verified.body.toString()).toBe(200);
  for (const { name } of [first, second]) await expectGone(name);
  expect(ask(['get', 'events', '-n', 'muster', '--field-selector=reason=BackOff', '-o', 'name']).text.trim()).toBe('');
}
