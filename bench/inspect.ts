/**
 * `muster inspect` of a namespace with 200 pods against the same data by one `kubectl` call at a time:
 *
 *     KUBECONFIG=… IMAGE=localhost/tools:1 node bench/inspect.ts
 *
 * The pods print 200 lines and end, so that they need not fit on a node together (110 is the kubelet's limit). IMAGE
 * must be on the nodes and have a shell. Makes a namespace of its own and removes it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inspect } from '../src/inspect/inspect.ts';
import { connect } from '../src/kube/connect.ts';
import { namespaces, type Pod, pods } from '../src/kube/kinds.ts';
import type { Kube } from '../src/kube/kube.ts';

const podCount = Number(process.env.PODS ?? 200);
const image = process.env.IMAGE ?? 'localhost/tools:1';
const deadlineMs = 10 * 60_000;
const run = promisify(execFile);
let podsLeft = podCount;

const kube = await connect({ env: process.env });
const folder = await mkdtemp(join(tmpdir(), 'muster-bench-inspect-'));
const { metadata } = await kube.create(namespaces, { metadata: { generateName: 'inspect-bench-' } });
const namespace = metadata.name ?? '';
try {
  await makePods(kube);
  const sequentialMs = await timed(() => byKubectl());
  const errors: string[] = [];
  const inspectMs = await timed(async () => {
    const found = await inspect(kube, {
      targets: [`ns/${namespace}`],
      destDir: join(folder, 'tree'),
      now: () => new Date(),
      say: () => undefined,
    });
    errors.push(...found.errors);
  });
  console.log(`${podsLeft} ended pods, 200 log lines each; inspect's errors: ${errors.length}`);
  console.log(`kubectl, one call at a time: ${(sequentialMs / 1000).toFixed(1)} s`);
  console.log(`muster inspect:              ${(inspectMs / 1000).toFixed(2)} s, with the namespace's other lists`);
  console.log(`ratio:                       ${(sequentialMs / inspectMs).toFixed(1)}`);
  console.log(`peak memory of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
} finally {
  await kube.remove(namespaces, namespace);
  await kube.close();
  await rm(folder, { recursive: true });
}

/** Some at a time: the API server and the node have others to serve. */
async function makePods(kube: Kube): Promise<void> {
  await until(
    async () => (await run('kubectl', ['-n', namespace, 'get', 'serviceaccounts', '-o', 'name'])).stdout !== '',
  );
  const names = Array.from({ length: podCount }, (_value, index) => `pod-${index}`);
  for (let at = 0; at < names.length; at += 20) {
    await Promise.all(names.slice(at, at + 20).map((name) => kube.create(pods, podNamed(name), { namespace })));
  }
  // On a busy node pods of higher priority push some out: those are gone, and counted out.
  await until(async () => {
    podsLeft = 0;
    let ended = 0;
    for await (const pod of kube.list(pods, { namespace })) {
      podsLeft++;
      if (pod.status?.phase === 'Succeeded') ended++;
    }
    return ended === podsLeft && podsLeft >= 0.9 * podCount;
  });
}

function podNamed(name: string): Pod {
  const script = 'for i in $(seq 200); do echo "line $i of a log that is about as long as such lines are"; done';
  return {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['/bin/sh', '-c', script], args: [] },
      ],
    },
  };
}

/** Every pod's YAML and log, as a script of a support engineer would fetch them. */
async function byKubectl(): Promise<void> {
  const { stdout } = await run('kubectl', ['-n', namespace, 'get', 'pods', '-o', 'name']);
  for (const name of stdout.trim().split('\n')) {
    const asked = ['-n', namespace];
    const yaml = await run('kubectl', [...asked, 'get', name, '-o', 'yaml', '--show-managed-fields']);
    const log = await run('kubectl', [...asked, 'logs', name, '--all-containers', '--timestamps']);
    const file = join(folder, name.replace('/', '-'));
    await writeFile(`${file}.yaml`, yaml.stdout);
    await writeFile(`${file}.log`, log.stdout);
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > endsAtMs) throw new Error('the pods did not get ready in time');
    await sleep(1000);
  }
}
