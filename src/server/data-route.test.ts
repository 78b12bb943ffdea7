import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { someBytes, startService, type TestService } from './test-reports.ts';

let service: TestService;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

type Row = { id: number; message: string };
const rowOf = async (answer: Response) => (await answer.json()) as Row;

async function completed(body: object, bytes: Buffer): Promise<number> {
  const { id } = await rowOf(await service.post('/must-gather', body));
  service.reports.end(id, 'Completed', bytes);
  return id;
}

describe('the archive', () => {
  it('is there once the report is completed, also by custom name, and tells what it is', async () => {
    const { id } = await rowOf(await service.post('/must-gather', { 'custom-name': 'vm:a b' }));
    const early = await service.ask(`/must-gather/${id}/data`);
    expect([early.status, (await rowOf(early)).message]).toEqual([404, 'Report 1 has no archive yet.']);
    const bytes = someBytes(1_000_000);
    service.reports.end(id, 'Partial', bytes);
    for (const key of [id, 'vm:a%20b', 'vm%3Aa%20b']) {
      const answer = await service.ask(`/must-gather/${key}/data`);
      expect(sha256(await answer.bytes())).toBe(sha256(bytes));
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/gzip',
        'content-length': '1000000',
        'content-disposition': 'attachment; filename="must-gather-vm:a-b.tar.gz"',
        'accept-ranges': 'bytes',
        etag: `"${sha256(bytes)}"`,
        'last-modified': 'Sat, 21 Nov 2026 09:00:00 GMT',
      });
    }
    const head = await service.ask(`/must-gather/${id}/data`, { method: 'HEAD', headers: { range: 'bytes=0-1' } });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000000']);
    expect(service.audits.map(({ action }) => action)).toEqual(['create', 'fetch', 'fetch', 'fetch']);
  });

  it('comes in parts, on conditions', async () => {
    const bytes = someBytes(500_000);
    const id = await completed({}, bytes);
    const data = (headers: Record<string, string>) => service.ask(`/must-gather/${id}/data`, { headers });
    const etag = `"${sha256(bytes)}"`;
    const part = await data({ range: 'bytes=400000-', 'if-range': etag });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 400000-499999/500000']);
    expect(Buffer.compare(await part.bytes(), bytes.subarray(400_000))).toBe(0);
    const changed = await data({ range: 'bytes=400000-', 'if-range': '"other"' });
    expect([changed.status, (await changed.bytes()).length]).toEqual([200, 500_000]);
    const outside = await data({ range: 'bytes=500000-' });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */500000']);
    expect(await outside.json()).toMatchObject({ code: 'RangeOutside' });
    expect((await data({ 'if-none-match': etag })).status).toBe(304);
    expect((await data({ 'if-match': '"other"' })).status).toBe(412);
  });

  it('is closed when its reader leaves in the middle', async () => {
    const id = await completed({}, someBytes(50_000_000));
    const leaving = new AbortController();
    const answer = await service.ask(`/must-gather/${id}/data`, { signal: leaving.signal });
    await answer.body?.getReader().read();
    expect(service.reports.open.count).toBe(1);
    leaving.abort();
    await vi.waitFor(() => expect(service.reports.open.count).toBe(0), { timeout: 10_000 });
  });

  it('downloads with curl -OJ under the right name, and resumes', async () => {
    const bytes = someBytes(300_000);
    const id = await completed({ 'custom-name': 'plan:plan1' }, bytes);
    const folder = await mkdtemp(join(tmpdir(), 'muster-curl-'));
    try {
      const curl = (...args: string[]) =>
        promisify(execFile)('curl', ['-sSf', '-H', 'Authorization: Bearer good', ...args], { cwd: folder });
      await curl('-OJ', `${service.url}/must-gather/${id}/data`);
      expect(await readdir(folder)).toEqual(['must-gather-plan:plan1.tar.gz']);
      expect(sha256(await readFile(join(folder, 'must-gather-plan:plan1.tar.gz')))).toBe(sha256(bytes));
      await curl('-r', '0-99999', '-o', 'half', `${service.url}/must-gather/${id}/data`);
      await curl('-C', '-', '-o', 'half', `${service.url}/must-gather/plan:plan1/data`);
      expect(sha256(await readFile(join(folder, 'half')))).toBe(sha256(bytes));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
