import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Timers } from '../kube/timers.ts';
import { validateSpec } from '../report/spec.ts';
import { someBytes, startService, type TestService } from '../server/test-reports.ts';
import { getReport, type ReportAnswer } from './report-answer.ts';
import { type DownloadOptions, downloadArchive } from './report-download.ts';
import { openServiceClient, type ServiceClient } from './service-client.ts';
import { startCuttingProxy } from './test-cutting-proxy.ts';

let folder = '';
let service: TestService;
const closing: (() => unknown)[] = [];
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const never = new AbortController().signal;

/** Waits pass at once; a failure that lasts is told by the count of them. */
function hastyTimers(): Timers {
  let nowMs = 0;
  return {
    now: () => nowMs,
    after: (delayMs, run) => {
      nowMs += delayMs;
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    },
  };
}

function clientOf(url: string): ServiceClient {
  const client = openServiceClient({ url, token: async () => 'good', caPem: undefined, env: {} });
  closing.push(() => client.close());
  return client;
}

/** A report of the service that has ended with this archive. */
async function ended(archive: Buffer): Promise<ReportAnswer> {
  const { spec } = validateSpec({ customName: 'one' });
  const report = await service.reports.create(spec, { username: 'ada' }, never);
  service.reports.end(report.status?.id ?? 0, 'Completed', archive);
  return await getReport(clientOf(service.url), String(report.status?.id), never);
}

const fetchInto = (report: ReportAnswer, url: string, more: Partial<DownloadOptions> = {}) =>
  downloadArchive({
    service: clientOf(url),
    report,
    file: folder,
    force: false,
    timers: hastyTimers(),
    signal: never,
    progress: () => undefined,
    note: () => undefined,
    ...more,
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-download-'));
  service = await startService();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await service.close();
  await rm(folder, { recursive: true });
});

describe('cuts', () => {
  const most = process.env.MUSTER_LONG === undefined ? 50 : 1000;
  test(`${most} of them at random bytes, in headers too: the same SHA-256, and nothing fetched twice`, async () => {
    const archive = someBytes(most * 8192);
    const report = await ended(archive);
    let left = most;
    const proxy = await startCuttingProxy(service.url, () => {
      left -= 1;
      return left >= 0 ? 1 + Math.floor(Math.random() * 12_000) : undefined;
    });
    closing.push(proxy.close);
    const seen: number[] = [];
    const done = await fetchInto(report, proxy.url, { progress: (bytes) => seen.push(bytes) });
    expect(done).toEqual({
      file: join(folder, 'must-gather-one.tar.gz'),
      sizeBytes: archive.length,
      sha256: sha256(archive),
    });
    expect(sha256(await readFile(done.file))).toBe(done.sha256);
    expect(await readdir(folder)).toEqual(['must-gather-one.tar.gz']);
    expect(proxy.cuts()).toBe(most);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('in TCP terms nothing ever arrives: gives up after five minutes, saying why', async () => {
    const report = await ended(someBytes(1000));
    const proxy = await startCuttingProxy(service.url, () => 1);
    closing.push(proxy.close);
    const notes: string[] = [];
    const timers = hastyTimers();
    const failed = fetchInto(report, proxy.url, { timers, note: (line) => notes.push(line) });
    await expect(failed).rejects.toMatchObject({ code: 'ClusterUnreachable' });
    expect(notes).toHaveLength(1);
    expect(timers.now()).toBeGreaterThan(5 * 60_000);
    expect(timers.now()).toBeLessThan(6 * 60_000);
  });

  test('a run that was interrupted: the next goes on from its bytes, and asks for no others', async () => {
    const archive = someBytes(300_000);
    const report = await ended(archive);
    const interrupt = new AbortController();
    const stopped = fetchInto(report, service.url, {
      signal: interrupt.signal,
      progress: () => interrupt.abort(new Error('interrupted')),
    });
    await expect(stopped).rejects.toMatchObject({
      code: 'Interrupted',
      message: expect.stringContaining('must-gather-one.tar.gz.part'),
    });
    const there = (await readFile(join(folder, 'must-gather-one.tar.gz.part'))).length;
    expect(there).toBeGreaterThan(0);
    const seen: number[] = [];
    const done = await fetchInto(report, service.url, { progress: (bytes) => seen.push(bytes) });
    expect(sha256(await readFile(done.file))).toBe(sha256(archive));
    expect(seen[0]).toBeGreaterThan(there);
  });
});

describe('an archive that becomes another one', () => {
  test('between two cuts: noticed, and nothing of it stays', async () => {
    const report = await ended(someBytes(100_000));
    let cut = true;
    const proxy = await startCuttingProxy(service.url, () => (cut ? 50_000 : undefined));
    closing.push(proxy.close);
    const failed = fetchInto(report, proxy.url, {
      note: () => {
        cut = false;
        service.reports.end(report.id, 'Completed', someBytes(100_000));
      },
    });
    await expect(failed).rejects.toMatchObject({ code: 'ChangedMeanwhile' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a part of another archive that an earlier run left: fetched again from the start', async () => {
    const archive = someBytes(100_000);
    const report = await ended(archive);
    await writeFile(join(folder, 'must-gather-one.tar.gz.part'), someBytes(60_000));
    const notes: string[] = [];
    const done = await fetchInto(report, service.url, { note: (line) => notes.push(line) });
    expect(sha256(await readFile(done.file))).toBe(sha256(archive));
    expect(notes).toEqual([expect.stringContaining('of another archive')]);
  });

  test('a part that is longer than the archive', async () => {
    const archive = someBytes(1000);
    const report = await ended(archive);
    await writeFile(join(folder, 'must-gather-one.tar.gz.part'), someBytes(5000));
    expect(sha256(await readFile((await fetchInto(report, service.url)).file))).toBe(sha256(archive));
  });
});

describe('servers and proxies that are less than one hopes', () => {
  /** Answers of its own instead of the service's. */
  async function standIn(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
    let count = 0;
    const server = createServer((request, response) => {
      count += 1;
      answer(request, response, count);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('one that drops Range and the tag: all of it comes again', async () => {
    const archive = someBytes(50_000);
    const report = await ended(archive);
    const url = await standIn((_, response, count) => {
      response.writeHead(200, { 'content-length': archive.length });
      if (count > 1) response.end(archive);
      else response.write(archive.subarray(0, 20_000), () => response.destroy());
    });
    expect(sha256(await readFile((await fetchInto(report, url)).file))).toBe(sha256(archive));
  });

  test('one that flips a bit is found out, and what it sent is not kept', async () => {
    const archive = someBytes(50_000);
    const report = await ended(archive);
    const flipped = Buffer.from(archive);
    flipped[1000] = (flipped[1000] ?? 0) ^ 1;
    const url = await standIn((_, response) => response.end(flipped));
    await expect(fetchInto(report, url)).rejects.toMatchObject({ code: 'ArchiveBroken' });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each<[string, (archive: Buffer) => Buffer]>([
    ['more', (archive) => Buffer.concat([archive, archive])],
    ['a range that is another', (archive) => archive],
  ])('one that sends %s', async (what, change) => {
    const archive = someBytes(50_000);
    const report = await ended(archive);
    await writeFile(join(folder, 'must-gather-one.tar.gz.part'), archive.subarray(0, what === 'more' ? 0 : 10));
    const url = await standIn((_, response) => {
      if (what !== 'more') response.writeHead(206, { 'content-range': `bytes 0-49999/${archive.length}` });
      response.end(change(archive));
    });
    await expect(fetchInto(report, url)).rejects.toMatchObject({ code: 'ChangedMeanwhile' });
  });

  test('503 with Retry-After, then a good answer', async () => {
    const archive = someBytes(50_000);
    const report = await ended(archive);
    const url = await standIn((_, response, count) => {
      if (count > 1) Readable.from([archive]).pipe(response);
      else response.writeHead(503, { 'retry-after': '2' }).end('<html>away</html>');
    });
    const timers = hastyTimers();
    await fetchInto(report, url, { timers });
    expect(timers.now()).toBe(2000);
  });

  test('a refusal is no matter of patience', async () => {
    const report = await ended(someBytes(10));
    const body = JSON.stringify({ code: 'RightsMissing', message: 'bob is no cluster-admin.' });
    const url = await standIn((_, response) => response.writeHead(403).end(body));
    await expect(fetchInto(report, url)).rejects.toMatchObject({ code: 'RightsMissing', isPassing: false });
  });
});

describe('where it goes', () => {
  test('a file that is there is kept, unless it is forced; one that comes meanwhile too', async () => {
    const archive = someBytes(1000);
    const report = await ended(archive);
    const file = join(folder, 'must-gather-one.tar.gz');
    await writeFile(file, 'mine');
    await expect(fetchInto(report, service.url)).rejects.toMatchObject({ code: 'DestinationUnusable' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    await fetchInto(report, service.url, { force: true });
    expect(await readFile(file)).toEqual(archive);
    await rm(file);
    const progress = () => writeFileSync(file, 'mine');
    const raced = fetchInto(report, service.url, { progress });
    await expect(raced).rejects.toMatchObject({ code: 'DestinationUnusable' });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\evil.tar.gz', 'evil.tar.gz'],
    ['.bashrc', 'must-gather.tar.gz'],
    ['', 'must-gather.tar.gz'],
    ['a\u001b[2J\u202eb.tar.gz', 'a[2Jb.tar.gz'],
  ])("the service's name %j becomes %j in the folder", async (name, expected) => {
    const report = { ...(await ended(someBytes(10))), 'archive-name': name };
    expect((await fetchInto(report, service.url)).file).toBe(join(folder, expected));
  });

  test('a link that waits at the name of the part is not followed', async () => {
    const report = await ended(someBytes(10));
    await writeFile(join(folder, 'precious'), 'mine');
    await symlink('precious', join(folder, 'a.tar.gz.part'));
    const failed = fetchInto(report, service.url, { file: join(folder, 'a.tar.gz') });
    await expect(failed).rejects.toThrow(/a\.tar\.gz\.part/);
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('mine');
  });

  test('a folder that is not there', async () => {
    const report = await ended(someBytes(10));
    const failed = fetchInto(report, service.url, { file: join(folder, 'none', 'a.tar.gz') });
    await expect(failed).rejects.toMatchObject({ code: 'DestinationFailed' });
  });

  test('a report that has no archive', async () => {
    const report = { ...(await ended(someBytes(10))), 'archive-sha256': '', phase: 'Failed' as const };
    await expect(fetchInto(report, service.url)).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('Failed'),
    });
  });
});

test('an archive without a byte', async () => {
  const report = await ended(Buffer.alloc(0));
  expect((await readFile((await fetchInto(report, service.url)).file)).length).toBe(0);
});
