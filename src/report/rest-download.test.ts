import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerDownload, contentDisposition, type DownloadConditions } from './rest-download.ts';

const known = { sizeBytes: 1000, etag: '"abc"', lastModified: 'Wed, 30 Jun 2021 13:23:05 GMT' };

describe('a download', () => {
  test.each<[DownloadConditions, object]>([
    [{}, { status: 200, range: { start: 0, end: 1000 } }],
    [{ range: 'bytes=0-0' }, { status: 206, range: { start: 0, end: 1 } }],
    [{ range: 'bytes=500-' }, { status: 206, range: { start: 500, end: 1000 } }],
    [{ range: 'bytes=500-99999' }, { status: 206, range: { start: 500, end: 1000 } }],
    [{ range: 'bytes=-10' }, { status: 206, range: { start: 990, end: 1000 } }],
    [{ range: 'bytes=-9999' }, { status: 206, range: { start: 0, end: 1000 } }],
    [{ range: 'bytes=1000-' }, { status: 416 }],
    [{ range: 'bytes=-0' }, { status: 416 }],
    // What a server may leave unread: other units, nonsense, several ranges.
    [{ range: 'bytes=5-2' }, { status: 200 }],
    [{ range: 'lines=1-2' }, { status: 200 }],
    [{ range: 'bytes=0-1,5-6' }, { status: 200 }],
    [{ range: 'bytes=-' }, { status: 200 }],
    [{ range: 'bytes=5-', ifRange: '"abc"' }, { status: 206 }],
    [{ range: 'bytes=5-', ifRange: known.lastModified }, { status: 206 }],
    [{ range: 'bytes=5-', ifRange: '"other"' }, { status: 200 }],
    [{ range: 'bytes=5-', ifRange: 'W/"abc"' }, { status: 200 }],
    [{ range: 'bytes=5-', ifRange: 'Thu, 01 Jul 2021 13:23:05 GMT' }, { status: 200 }],
    [{ ifNoneMatch: '"x", W/"abc"' }, { status: 304 }],
    [{ ifNoneMatch: '"x"' }, { status: 200 }],
    [{ ifMatch: '"x"' }, { status: 412 }],
    [{ ifMatch: 'W/"abc"' }, { status: 412 }],
    [
      { ifMatch: '*', range: 'bytes=0-4' },
      { status: 206, range: { start: 0, end: 5 } },
    ],
  ])('%j is answered by %j', (conditions, answer) => {
    expect(answerDownload(conditions, known)).toMatchObject(answer);
  });

  test('never reaches outside of the archive, whatever is asked', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([first, last]) => `bytes=${first}-${last}`),
      fc.bigInt({ min: 0n }).map((start) => `bytes=${start}-`),
    );
    fc.assert(
      fc.property(header, fc.nat(5000), (range, sizeBytes) => {
        const answer = answerDownload({ range }, { ...known, sizeBytes });
        if (!('range' in answer)) return;
        const { start, end } = answer.range;
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(sizeBytes);
        if (answer.status === 206) expect(start).toBeLessThan(end);
      }),
    );
  });
});

describe('the name of the file', () => {
  test.each([
    ['must-gather.tar.gz', 'attachment; filename="must-gather.tar.gz"'],
    ['must-gather-plan:plan1.tar.gz', 'attachment; filename="must-gather-plan:plan1.tar.gz"'],
    ['a"b.tar.gz', `attachment; filename="a_b.tar.gz"; filename*=UTF-8''a%22b.tar.gz`],
    ["é'.tar.gz", `attachment; filename="_'.tar.gz"; filename*=UTF-8''%C3%A9%27.tar.gz`],
    ['\ud800.gz', `attachment; filename="_.gz"; filename*=UTF-8''%EF%BF%BD.gz`],
  ])('%s', (name, header) => {
    expect(contentDisposition(name)).toBe(header);
  });

  test('is always one header of printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(contentDisposition(name)).toMatch(/^attachment; filename="[^"\\]*"(; filename\*=UTF-8''[\w.~!%-]*)?$/);
        expect(contentDisposition(name)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
