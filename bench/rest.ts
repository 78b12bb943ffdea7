// What REST takes on this machine: lists of 10,000 reports, one file out of a large archive, a download.
//
//   node bench/rest.ts [--reports 10000] [--gigabytes 2] [--rounds 200]
//
// The service runs in this process on 127.0.0.1, with reports in a map and the archive in a file, so that what is
// measured is the service and not a cluster. Prints milliseconds and MB/s; asserts nothing.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createPartWriter } from '../src/archive/part-writer.ts';
import { sealArchive } from '../src/archive/seal.ts';
import type { ReportObject } from '../src/report/rest-report.ts';
import { validateSpec } from '../src/report/spec.ts';
import type { Reports } from '../src/server/reports.ts';
import { startService } from '../src/server/test-reports.ts';

const { values } = parseArgs({
  options: {
    reports: { type: 'string', default: '10000' },
    gigabytes: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '200' },
  },
});
const rounds = Number(values.rounds);
const WARM_UP = 100;
const headers = { authorization: 'Bearer good' };

const at = '2026-11-21T09:00:00Z';
const archive = { name: 'must-gather.tar.gz', size: 0, sha256: '0'.repeat(64) };

function manyReports(): ReportObject[] {
  const spec = validateSpec({ allImages: true, since: '8h', customName: 'case-12345' }).spec;
  const gathers = ['cluster', 'storage', 'virtualization', 'migration'].map((name) => ({
    name,
    image: `quay.example.com/team/${name}/must-gather:4.22`,
    imageID: `quay.example.com/team/${name}/must-gather@sha256:${'a'.repeat(64)}`,
    node: 'worker-0.example.com',
    phase: 'Done' as const,
    startedAt: at,
    finishedAt: at,
    files: 12_345,
    bytes: 987_654_321,
  }));
  return Array.from({ length: Number(values.reports) }, (_, index) => ({
    metadata: { name: `report-${index + 1}`, creationTimestamp: at },
    spec,
    status: { id: index + 1, phase: 'Completed' as const, gathers, archive, startedAt: at, finishedAt: at },
  }));
}

/** Files of 64 MiB that do not compress, and one small one. */
async function largeArchive(folder: string): Promise<{ file: string; sizeBytes: number }> {
  const fileBytes = 64 * 2 ** 20;
  const bytes = randomBytes(fileBytes);
  const writer = await createPartWriter({ directory: join(folder, 'part'), say: () => undefined });
  const entry = (path: string, sizeBytes: number) =>
    ({ path, type: 'file', sizeBytes, mode: 0o644, mtimeMs: 0 }) as const;
  for (let done = 0; done < Number(values.gigabytes) * 1e9; done += fileBytes) {
    await writer.add(entry(`top/large/${done}`, fileBytes), bytes);
    await writer.add(entry(`top/small/${done}.log`, 6), Buffer.from('small\n'));
  }
  const part = await writer.finish();
  await writer.close();
  const file = join(folder, 'archive.tar.gz');
  const { sizeBytes } = await sealArchive({ parts: [part], generated: [], destination: file, mtimeMs: 0 });
  return { file, sizeBytes };
}

async function measure(name: string, url: string): Promise<void> {
  const times: number[] = [];
  // The first rounds meet code that is not compiled yet, and are not counted.
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const begin = performance.now();
    const answer = await fetch(url, { headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    if (round >= 0) times.push(performance.now() - begin);
  }
  times.sort((one, other) => one - other);
  const quantile = (share: number) => (times[Math.floor(share * (rounds - 1))] ?? 0).toFixed(1);
  console.log(`${name}: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-rest-'));
try {
  const { file, sizeBytes } = await largeArchive(folder);
  const reports = manyReports();
  const byName = reports.toSorted((one, other) => ((one.metadata.name ?? '') < (other.metadata.name ?? '') ? -1 : 1));
  const changes: Partial<Reports> = {
    // As a watch has them: by name, which is not by number.
    list: () => byName,
    get: async (key) => reports[Number(key) - 1],
    archive: async () => ({
      sizeBytes,
      sha256: archive.sha256,
      read: ({ start, end }) => createReadStream(file, { start, end: end - 1, highWaterMark: 2 ** 20 }),
    }),
  };
  const service = await startService(changes);
  const { url } = service;
  console.log(`${reports.length} reports; an archive of ${(sizeBytes / 1e9).toFixed(1)} GB`);
  await measure('list 100, newest first', `${url}/must-gather?limit=100&order=desc`);
  await measure('list 100, in the middle', `${url}/must-gather?limit=100&continue=${reports.length / 2}`);
  await measure('one small file of the archive', `${url}/must-gather/1/files/top/small/0.log`);
  await measure('a folder of the archive', `${url}/must-gather/1/files/top/large`);
  const begin = performance.now();
  const whole = await (await fetch(`${url}/must-gather`, { headers })).arrayBuffer();
  console.log(`list all, ${(whole.byteLength / 1e6).toFixed(1)} MB: ${(performance.now() - begin).toFixed(0)} ms`);
  const curl = ['-sS', '-o', '/dev/null', '-w', '%{speed_download}', '-H', 'Authorization: Bearer good'];
  const { stdout } = await promisify(execFile)('curl', [...curl, `${url}/must-gather/1/data`]);
  console.log(`download by curl: ${(Number(stdout) / 1e6).toFixed(0)} MB/s`);
  await service.close();
} finally {
  rmSync(folder, { recursive: true });
}
