// What the server's memory comes to while a large archive goes in and out: `npm run bundle`, then
//
//   node bench/memory.ts [--gigabytes 10] [--downloads 3] [--rounds 300] [--store directory|s3] [--reports 1]
//     [--node-options='--max-semi-space-size=1 --max-old-space-size=128']   of the server
//
// The server is the bundle in a process of its own, on a sandbox; a gather writes bytes that do not compress, and its
// packer brings them over TLS. Then some clients download the archive at once, and one asks for single files. RSS is
// read every 100 ms. In the temporary folder it takes three times the archive; S3 is s3rver, whose memory is not the
// server's. Prints; asserts nothing.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { imageOf } from '../sandbox/kubelet/images.ts';
import { startEmpty } from '../sandbox/sample/start-sample.ts';
import { startS3Server } from '../test/contract/s3-server.ts';
import { ask, freePort, untilState } from '../test/sandbox/service-world.ts';

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '10' },
    downloads: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '300' },
    store: { type: 'string', default: 'directory' },
    reports: { type: 'string', default: '1' },
    'node-options': { type: 'string', default: '' },
  },
});
const bundle = join(import.meta.dirname, '..', 'dist', 'muster.mjs');
const FILE_BYTES = 64 * 2 ** 20;
const LONG_MS = 3_600_000;
const GATHER_IMAGE = 'bench.invalid/large:1';
const PACKER_IMAGE = 'bench.invalid/muster:1';

/** Files that do not compress, and after each a small one. */
const gather = `#!/bin/bash
out=\${OUT:-/must-gather}
for i in $(seq -w "$FILES"); do
  head -c ${FILE_BYTES} /dev/urandom >"$out/large-$i"
  echo "small $i" >"$out/small-$i"
done
`;

const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Peaks of a process' memory between two moments, from what the kernel says every 100 ms. */
function watchMemory(pid: number) {
  const kb = (text: string, name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) * 1024;
  const peak = { rss: 0, own: 0 };
  let sum = 0;
  let count = 0;
  const look = () => {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    peak.rss = Math.max(peak.rss, kb(text, 'VmRSS'));
    peak.own = Math.max(peak.own, kb(text, 'RssAnon'));
    sum += kb(text, 'VmRSS');
    count += 1;
    return kb(text, 'VmHWM');
  };
  const timer = setInterval(look, 100);
  return {
    /** What was seen since the last call. */
    told(): string {
      const highest = look();
      const text = `RSS ${mb(sum / count)} on average, ${mb(peak.rss)} at most, ${mb(peak.own)} of them its own (so far ${mb(highest)})`;
      Object.assign(peak, { rss: 0, own: 0 });
      sum = 0;
      count = 0;
      return text;
    },
    stop: () => clearInterval(timer),
  };
}

async function startServer(args: readonly string[], env: Record<string, string>) {
  const server = spawn(process.execPath, [bundle, 'serve', ...args], {
    env: { ...process.env, MUSTER_NAMESPACE: 'default', NODE_OPTIONS: values['node-options'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    let text = '';
    server.stdout.setEncoding('utf8').on('data', (more: string) => {
      for (const line of more.split('\n')) if (/"level":"(warn|error)"/.test(line)) console.log(line.slice(0, 500));
      if (text.length < 100_000) text += more;
      const [, found] = /"message":"listening","url":"([^"]+)"/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return { server, url };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function oneFile(url: string): Promise<void> {
  const [top] = (await ask(`${url}/files`)).body as unknown as { name: string }[];
  const [folder] = (
    (await ask(`${url}/files/${top?.name}`)).body as unknown as { name: string; type: string }[]
  ).filter(({ type }) => type === 'directory');
  const names = ((await ask(`${url}/files/${top?.name}/${folder?.name}`)).body as unknown as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name.startsWith('small'));
  const tookMs: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const begin = performance.now();
    const name = names[(round * 7) % names.length];
    const answer = await fetch(`${url}/files/${top?.name}/${folder?.name}/${name}`);
    const text = await answer.text();
    if (!text.startsWith('small')) throw new Error(`${answer.status} ${text.slice(0, 100)}`);
    tookMs.push(performance.now() - begin);
  }
  const [first = 0] = tookMs;
  const sorted = tookMs.toSorted((one, other) => one - other);
  const quantile = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  console.log(
    `one file of ${names.length}: first ${first.toFixed(1)} ms, p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`,
  );
}

if (!existsSync(bundle)) throw new Error('dist/muster.mjs is not there: npm run bundle');
const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
const root = join(folder, 'image');
mkdirSync(join(root, 'usr', 'bin'), { recursive: true });
writeFileSync(join(root, 'usr', 'bin', 'gather'), gather, { mode: 0o755 });
const FILES = String(Math.max(1, Math.round((Number(values.gigabytes) * 1e9) / FILE_BYTES)));
const env = { OUT: '/must-gather', FILES };
const sandbox = await startEmpty({
  moreImages: [
    await imageOf({ names: [GATHER_IMAGE], env }, root),
    await imageOf({ names: [PACKER_IMAGE], entrypoint: [process.execPath, bundle] }, join(folder, 'none')),
  ],
});
const s3 = values.store === 's3' ? await startS3Server() : undefined;
// The tests' proxy keeps every request with its body.
const forgetting = setInterval(() => s3?.requests.splice(0), 100);
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
const port = await freePort();
const flags = [
  ...['--auth=none', '--listen=127.0.0.1:0', `--kubeconfig=${kubeconfig}`, `--pack-image=${PACKER_IMAGE}`],
  ...[`--ingest-listen=127.0.0.1:${port}`, `--ingest-url=https://127.0.0.1:${port}`, '--gathers=20'],
  `--store=${s3 === undefined ? join(folder, 'store') : `s3://${s3.bucket}/bench`}`,
];
const { server, url } = await startServer(flags, s3?.env ?? {});
const memory = watchMemory(server.pid ?? 0);
try {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  console.log(`idle: ${memory.told()}`);
  const request = { image: GATHER_IMAGE, timeout: '50m', 'volume-percentage': 95 };
  const began = performance.now();
  const made = await Promise.all(
    Array.from({ length: Number(values.reports) }, () => ask(`${url}/must-gather`, 'POST', request)),
  );
  const urls = made.map(({ body }) => `${url}/must-gather/${body.id}`);
  const soFar = setInterval(async () => {
    const { progress } = (await ask(urls[0] ?? '')).body as { progress?: { bytes?: number } };
    console.log(`in, ${mb(progress?.bytes ?? 0)}: ${memory.told()}`);
  }, 60_000);
  const ended = await Promise.all(urls.map((each) => untilState(each, ['completed', 'error'], LONG_MS)));
  clearInterval(soFar);
  console.log(`in and sealed: ${memory.told()}`);
  const sizes = ended.map((report) => Number(report['archive-size']));
  const phases = new Set(ended.map(({ phase, message }) => `${phase} ${message}`));
  const seconds = (performance.now() - began) / 1000;
  console.log(`${[...phases].join('; ')}: ${sizes.length} archives, ${mb(sizes[0] ?? 0)}, ${seconds.toFixed(0)} s`);
  console.log(`after it: ${memory.told()}`);
  await oneFile(urls[0] ?? '');
  console.log(`single files: ${memory.told()}`);
  const curl = ['-sS', '-o', '/dev/null', '-w', '%{speed_download} %{size_download}', `${urls[0]}/data`];
  const downloads = Array.from({ length: Number(values.downloads) }, () => promisify(execFile)('curl', curl));
  const speeds = (await Promise.all(downloads)).map(({ stdout }) => stdout.split(' ').map(Number));
  if (speeds.some(([, size]) => size !== sizes[0])) throw new Error(`cut: ${speeds.join(', ')}`);
  console.log(`${downloads.length} downloads at once, ${speeds.map(([speed = 0]) => mb(speed)).join(', ')} a second`);
  console.log(`out: ${memory.told()}`);
} finally {
  clearInterval(forgetting);
  memory.stop();
  await stop(server);
  await sandbox.close();
  await s3?.end();
  rmSync(folder, { recursive: true, force: true });
}
