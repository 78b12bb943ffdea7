// From a gather's last write to the finished archive on this machine: Muster over exec, against what people do today
// (`kubectl exec tar`, then `tar czf`; with OC=/path/to/oc also `oc adm must-gather`, then `tar czf`).
//
//   KUBECONFIG=… node bench/gather.ts [--seconds 60] [--bytes 1000000000] [--rounds 1]
//
// Needs the image of test/images/bulk in the cluster (`../shared/cluster/image` loads it, or MUSTER_TEST_IMAGES).
// The gather writes the moment of its last write into the file `ended-at`; its clock is this machine's on the test
// cluster. Prints seconds, the ratio, sizes and peak memory; asserts nothing.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { image, loadImages } from '../test/cluster/muster.ts';
import { root } from '../test/contract/command.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    bytes: { type: 'string', default: '1000000000' },
    rounds: { type: 'string', default: '1' },
  },
});
const bulkCommand = `SECONDS_TO_WRITE=${values.seconds} TOTAL_BYTES=${values.bytes} /usr/bin/gather`;

type Measured = { readonly seconds: number; readonly sizeBytes: number; readonly peakBytes?: number };

/** Peak memory of the process itself, as the kernel counts it, from GNU time where it is installed. */
function muster(folder: string): Measured {
  const args = [join(root, 'bin', 'muster.js'), 'gather', '--image', image('bulk'), '--', bulkCommand];
  const run = spawnSync('/usr/bin/time', ['-f', 'peak %M', process.execPath, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  const finishedMs = Date.now();
  if (run.status !== 0) throw new Error(`muster gather failed: ${run.stdout}${run.stderr}`);
  const archive = onlyArchive(folder);
  const { mtimeMs, size } = statSync(archive);
  const endedMs = endedAtMs(execFileSync('tar', ['-xzOf', archive, '--wildcards', '*/ended-at'], { encoding: 'utf8' }));
  const peakKib = Number(/peak (\d+)/.exec(run.stderr)?.[1] ?? 0);
  console.log(
    `  archive under its name after ${((mtimeMs - endedMs) / 1000).toFixed(1)} s, command back after ${((finishedMs - endedMs) / 1000).toFixed(1)} s`,
  );
  return { seconds: (finishedMs - endedMs) / 1000, sizeBytes: size, peakBytes: peakKib * 1024 };
}

/** The by-hand way: a pod that gathers and stays, `kubectl exec tar`, `tar czf`. */
async function byHand(folder: string): Promise<Measured> {
  const pod = `bench-bulk-${process.pid}`;
  const script = `mkdir -p /must-gather && ${bulkCommand}; touch /tmp/done; sleep 3600`;
  execFileSync('kubectl', [
    'run',
    pod,
    `--image=${image('bulk')}`,
    '--image-pull-policy=IfNotPresent',
    '--restart=Never',
    '--command',
    '--',
    '/bin/bash',
    '-c',
    script,
  ]);
  try {
    execFileSync('kubectl', ['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s'], { stdio: 'ignore' });
    const done = `while [ ! -e /tmp/done ]; do sleep 0.1; done; cat /must-gather/ended-at`;
    const endedMs = endedAtMs(
      execFileSync('kubectl', ['exec', pod, '--', '/bin/bash', '-c', done], { encoding: 'utf8' }),
    );
    await piped(
      ['kubectl', 'exec', pod, '--', 'tar', '-C', '/must-gather', '-cf', '-', '.'],
      ['tar', '-xf', '-', '-C', folder],
    );
    execFileSync('tar', ['-czf', join(folder, '..', `${pod}.tar.gz`), '-C', folder, '.']);
    const seconds = (Date.now() - endedMs) / 1000;
    const file = join(folder, '..', `${pod}.tar.gz`);
    const sizeBytes = statSync(file).size;
    rmSync(file);
    return { seconds, sizeBytes };
  } finally {
    execFileSync('kubectl', ['delete', 'pod', pod, '--grace-period=1', '--wait=false'], { stdio: 'ignore' });
  }
}

function ocMustGather(oc: string, folder: string): Measured {
  const args = ['adm', 'must-gather', `--image=${image('bulk')}`, '--dest-dir', join(folder, 'mg'), '--', bulkCommand];
  const run = spawnSync(oc, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(`oc adm must-gather failed: ${run.stderr}`);
  const file = join(folder, 'mg.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', folder, 'mg']);
  const endedAt = execFileSync('find', [join(folder, 'mg'), '-name', 'ended-at'], { encoding: 'utf8' }).trim();
  return { seconds: (Date.now() - endedAtMs(readFileSync(endedAt, 'utf8'))) / 1000, sizeBytes: statSync(file).size };
}

async function piped(from: readonly string[], to: readonly string[]): Promise<void> {
  const [source = '', ...sourceArgs] = from;
  const [sink = '', ...sinkArgs] = to;
  const reader = spawn(source, sourceArgs, { stdio: ['ignore', 'pipe', 'inherit'] });
  const writer = spawn(sink, sinkArgs, { stdio: [reader.stdout, 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => writer.on('close', resolve));
  if (code !== 0) throw new Error(`${sink} ended with ${String(code)}`);
}

function endedAtMs(text: string): number {
  return Number(text.trim()) * 1000;
}

function onlyArchive(folder: string): string {
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.tar.gz'));
  return join(folder, name);
}

async function inFolder(measure: (folder: string) => Measured | Promise<Measured>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(name: string, { seconds, sizeBytes, peakBytes }: Measured): void {
  const peak = peakBytes === undefined ? '' : `, peak ${(peakBytes / 1e6).toFixed(0)} MB`;
  console.log(`${name}: ${seconds.toFixed(1)} s from last write to archive, ${(sizeBytes / 1e6).toFixed(1)} MB${peak}`);
}

loadImages(['bulk']);
for (let round = 0; round < Number(values.rounds); round += 1) {
  const ours = await inFolder(muster);
  print('muster gather', ours);
  const hand = await inFolder(byHand);
  print('kubectl exec tar + tar czf', hand);
  console.log(
    `ratio: ${(hand.seconds / ours.seconds).toFixed(1)}x faster, archive ${(ours.sizeBytes / hand.sizeBytes).toFixed(2)}x the size`,
  );
  if (process.env.OC !== undefined) {
    const oc = process.env.OC;
    const theirs = await inFolder((folder) => ocMustGather(oc, folder));
    print('oc adm must-gather + tar czf', theirs);
    console.log(`ratio: ${(theirs.seconds / ours.seconds).toFixed(1)}x faster`);
  }
}
