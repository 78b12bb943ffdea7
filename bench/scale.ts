// How the service bears many at once: a report of 100 nodes, 50 reports that wait their turn, 10,000 that are kept.
//
//   npm run bundle && node bench/scale.ts [--nodes 100] [--queued 50] [--kept 10000]
//
// The server is the bundle in a process of its own, started as the image starts it, on a sandbox; gathers are small and
// are packed by packers, so what is measured is the service's own work, and the machine's. Prints; asserts nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { imageOf } from '../sandbox/kubelet/images.ts';
import { startEmpty } from '../sandbox/sample/start-sample.ts';
import { connect } from '../src/kube/connect.ts';
import { plantReports, variedReports } from '../test/browser/planted-reports.ts';
import { ask, freePort } from '../test/sandbox/service-world.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    queued: { type: 'string', default: '50' },
    kept: { type: 'string', default: '10000' },
  },
});
const bundle = join(import.meta.dirname, '..', 'dist', 'muster.mjs');
const SERVER_OPTIONS = '--max-semi-space-size=1'; // as deploy/image/usr/bin/muster
const PACKER_IMAGE = 'bench.invalid/muster:1';
const LONGEST_MS = 1_800_000;

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

async function startServer(kubeconfig: string, folder: string) {
  const port = await freePort();
  const args = [
    ...['serve', '--auth=none', '--listen=127.0.0.1:0', '--namespace=default', `--kubeconfig=${kubeconfig}`],
    ...[`--pack-image=${PACKER_IMAGE}`, `--ingest-listen=127.0.0.1:${port}`],
    ...[`--ingest-url=https://127.0.0.1:${port}`, `--store=${join(folder, 'store')}`],
  ];
  const env = { ...process.env, NODE_OPTIONS: SERVER_OPTIONS };
  const child = spawn(process.execPath, [bundle, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const beganMs = Date.now();
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, found] = /"message":"listening","url":"([^"]+)"/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
      if (/"level":"error"/.test(line)) console.log(line.slice(0, 300));
    });
  });
  const ready = async () => (await fetch(`${url}/readyz`)).ok;
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    url,
    tookMs: Date.now() - beganMs,
    /** RSS now, and its peak. */
    memory: () => {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const mb = (name: string) =>
        Math.round((Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024) / 1e6);
      return `RSS ${mb('VmRSS')} MB, ${mb('VmHWM')} at most`;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

type Listed = { readonly id: number; readonly status: string; readonly phase: string; readonly message: string };

async function untilAllOver(url: string, ids: readonly number[]): Promise<Listed[]> {
  const lateAtMs = Date.now() + LONGEST_MS;
  for (;;) {
    const ours = await Promise.all(ids.map(async (id) => (await ask(`${url}/must-gather/${id}`)).body as Listed));
    if (ours.every(({ status }) => /completed|error/.test(status))) return ours;
    if (Date.now() > lateAtMs) throw new Error(`not over: ${JSON.stringify(ours.slice(0, 3))}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const verdicts = (reports: readonly Listed[]) =>
  [...new Set(reports.map(({ phase, message }) => `${phase}${message === '' ? '' : `: ${message}`}`))].join('; ');

async function post(url: string, wish: object): Promise<number> {
  const { status, body } = await ask(`${url}/must-gather`, 'POST', { timeout: '20m', ...wish });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return Number(body.id);
}

/** How long a list of 100 takes, of all that are kept. */
async function timeList(url: string): Promise<string> {
  const tookMs: number[] = [];
  for (let round = -50; round < 200; round += 1) {
    const begin = performance.now();
    await (await fetch(`${url}/must-gather?limit=100&order=desc`)).arrayBuffer();
    if (round >= 0) tookMs.push(performance.now() - begin);
  }
  const sorted = tookMs.toSorted((one, other) => one - other);
  const quantile = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)} ms`;
  return `p50 ${quantile(0.5)}, p99 ${quantile(0.99)}`;
}

if (!existsSync(bundle)) throw new Error('dist/muster.mjs is not there: npm run bundle');
const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'));
const nodes = Array.from({ length: Number(values.nodes) }, (_, index) => ({
  name: `worker-${index}`,
  labels: { role: 'worker' },
}));
const packer = await imageOf(
  { names: [PACKER_IMAGE], entrypoint: [process.execPath, bundle] },
  join(folder, 'no files of its own'),
);
const sandbox = await startEmpty({ nodes, moreImages: [packer] });
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
const image = 'sample.invalid/openshift/must-gather:4.22';
const command = 'echo hello; echo hello >/must-gather/hello';
try {
  const kube = await connect({ env: { KUBECONFIG: kubeconfig } });
  // The counter of numbers is not planted, and begins at 1.
  await plantReports(kube, variedReports(Number(values.kept), Date.now(), 1_000_001));
  await kube.close();
  const server = await startServer(kubeconfig, folder);
  const { url } = server;
  try {
    console.log(`${values.kept} reports are kept: ready after ${seconds(server.tookMs)}, ${server.memory()}`);
    console.log(`list 100 of them: ${await timeList(url)}; ${server.memory()}`);

    let begin = performance.now();
    const wide = await post(url, { image, command, 'node-selector': 'role=worker' });
    const took = await untilAllOver(url, [wide]);
    const { body } = await ask(`${url}/must-gather/${wide}`);
    const gathers = (body.gathers as unknown[]).length;
    console.log(
      `one report of ${gathers} gathers, four at once: ${seconds(performance.now() - begin)}, ${verdicts(took)}`,
    );
    console.log(`its archive: ${body['archive-size']} bytes; the server: ${server.memory()}`);

    begin = performance.now();
    const ids = await Promise.all(
      Array.from({ length: Number(values.queued) }, () => post(url, { image, command, 'node-name': 'worker-0' })),
    );
    console.log(
      `${ids.length} reports asked for at once: ${seconds(performance.now() - begin)} until all are accepted`,
    );
    const over = await untilAllOver(url, ids);
    console.log(`all over after ${seconds(performance.now() - begin)}: ${verdicts(over)}`);
    console.log(`the server: ${server.memory()}`);
  } finally {
    await server.stop();
  }
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true });
}
