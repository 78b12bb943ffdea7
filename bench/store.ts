// What it costs to join chunks into one archive: `node bench/store.ts [GB …]`, in a directory beside the system's
// temporary files and in S3 (s3rver behind the tests' proxy, both slow: there the memory is what counts). Each run is a
// process of its own, so that its peak is its own.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { openStore } from '../src/store/open-store.ts';
import type { Digest } from '../src/store/store.ts';
import { startS3Server } from '../test/contract/s3-server.ts';

const chunkBytes = 8 * 1024 * 1024;
const flags = ['--max-semi-space-size=1'];
const [, , ...args] = process.argv;

type Joined = { digest: Digest; seconds: number; idleMb: number; peakMb: number };

/** In the child: joins every chunk, but of every tenth only a stretch, with some bytes between. */
async function joinChunks(location: string, env: Record<string, string>): Promise<Joined> {
  const store = await openStore(location, { env, sweepBeforeMs: 0, nowMs: Date.now, say: console.error });
  const chunks = await store.list('chunks');
  const idleMb = process.memoryUsage().rss / 1e6;
  const pieces = chunks.flatMap(({ key }, n) => [
    n % 10 === 9 ? { key, range: { start: 1000, end: chunkBytes - 1000 } } : { key },
    { bytes: Buffer.alloc(n % 3 === 0 ? 100 : 0, n) },
  ]);
  const began = performance.now();
  const digest = await store.compose('whole', pieces);
  const seconds = (performance.now() - began) / 1000;
  await store.close();
  // Of this program alone: getrusage's figure has what the process was before it became this one.
  const [, peakKb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return { digest, seconds, idleMb, peakMb: (Number(peakKb) * 1024) / 1e6 };
}

async function measure(location: string, env: Record<string, string>, gigabytes: number): Promise<void> {
  const store = await openStore(location, { env, sweepBeforeMs: 0, nowMs: Date.now, say: console.error });
  const chunk = Buffer.alloc(chunkBytes, 'what a log says, over and over again; ');
  for (let n = 0; n * chunkBytes < gigabytes * 1e9; n++) {
    await store.put(`chunks/${String(n).padStart(6, '0')}`, Readable.from([chunk]));
  }
  await store.close();
  const child = [...flags, import.meta.filename, 'join', location, JSON.stringify(env)];
  const { stdout } = await promisify(execFile)(process.execPath, child);
  const { digest, seconds, idleMb, peakMb } = JSON.parse(stdout) as Joined;
  const megabytes = digest.sizeBytes / 1e6;
  const speed = `${seconds.toFixed(1)} s, ${Math.round(megabytes / seconds)} MB/s`;
  const kind = location.startsWith('s3:') ? 'S3' : 'directory';
  console.log(
    `${kind}: ${Math.round(megabytes)} MB in ${speed}, RSS ${Math.round(idleMb)} to ${Math.round(peakMb)} MB`,
  );
}

if (args[0] === 'join') {
  const [, location = '', env = '{}'] = args;
  console.log(JSON.stringify(await joinChunks(location, JSON.parse(env) as Record<string, string>)));
} else {
  for (const gigabytes of (args.length > 0 ? args : ['1', '2']).map(Number)) {
    const directory = await mkdtemp(join(tmpdir(), 'muster-bench-'));
    await measure(directory, {}, gigabytes).finally(() => rm(directory, { recursive: true, force: true }));
    const server = await startS3Server();
    await measure(`s3://${server.bucket}/bench`, server.env, gigabytes).finally(server.end);
  }
}
