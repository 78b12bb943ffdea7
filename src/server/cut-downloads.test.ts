import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileEntry, make, scratchFolder } from '../archive/test-support.ts';
import { validateSpec } from '../report/spec.ts';
import { someBytes, startService, type TestService } from './test-reports.ts';

const content = someBytes(3_000_000);
let service: TestService;
let archive: Buffer;

beforeAll(async () => {
  service = await startService();
  using folder = scratchFolder();
  const made = await make(
    folder.path,
    (writer) => writer.add(fileEntry('top/large', content.length), content),
    200_000,
  );
  archive = await readFile(made.archive);
  await service.reports.create(validateSpec({}).spec, { username: 'ada' }, AbortSignal.timeout(5000));
  service.reports.end(1, 'Completed', archive);
});
afterAll(() => service.close());

type Piece = { readonly bytes: Buffer; readonly etag: string };

/** What comes from `start` on until so many bytes have come; then the connection is torn. */
function download(path: string, start: number, etag: string, cutAfter: number): Promise<Piece> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: 'Bearer good',
      ...(start === 0 ? {} : { range: `bytes=${start}-`, 'if-range': etag }),
    };
    const asked = request(`${service.url}${path}`, { headers, agent: false }, (answer) => {
      const wanted = start === 0 ? 200 : 206;
      if (answer.statusCode !== wanted) reject(new Error(`${answer.statusCode} instead of ${wanted}`));
      const chunks: Buffer[] = [];
      let taken = 0;
      const done = () => resolve({ bytes: Buffer.concat(chunks), etag: answer.headers.etag ?? '' });
      answer.on('data', (chunk: Buffer) => {
        const rest = chunk.subarray(0, cutAfter - taken);
        chunks.push(rest);
        taken += rest.length;
        if (taken < cutAfter) return;
        asked.destroy();
        done();
      });
      answer.on('end', done).on('error', () => undefined);
    });
    asked.on('error', reject).end();
  });
}

describe('a download that is cut again and again', () => {
  it.each([
    ['the archive', '/must-gather/1/data', () => archive],
    ['a file of it', '/must-gather/1/files/top/large', () => content],
  ])('%s is whole in the end, to the byte', async (_, path, whole) => {
    const wanted = whole();
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 5, maxLength: 20 }),
        async (lengths) => {
          const pieces: Buffer[] = [];
          let at = 0;
          let etag = '';
          for (const length of [...lengths, wanted.length]) {
            if (at === wanted.length) break;
            const piece = await download(path, at, etag, length);
            pieces.push(piece.bytes);
            at += piece.bytes.length;
            etag = piece.etag;
            cuts += 1;
          }
          const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
          expect(digest(Buffer.concat(pieces))).toBe(digest(wanted));
        },
      ),
      { numRuns: process.env.MUSTER_LONG ? 100 : 5, seed: 5 },
    );
    expect(cuts).toBeGreaterThan(process.env.MUSTER_LONG ? 1000 : 30);
    await vi.waitFor(() => expect(service.reports.open.count).toBe(0), { timeout: 10_000 });
    expect(service.failures).toEqual([]);
  });
});
