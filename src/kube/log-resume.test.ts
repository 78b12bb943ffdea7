import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resumeLog } from './log-resume.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');

type Line = { readonly stamp: string; readonly text: string };

/** Lines as the kubelet keeps them: several a second, some with the same stamp, some a little out of order. */
const logs = fc
  .array(fc.record({ stepMs: fc.constantFrom(0, 0, 1, 300, 1200, -2), text: fc.string({ maxLength: 40 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((steps) => {
    let atMs = startMs;
    return steps.map(({ stepMs, text }): Line => {
      atMs += stepMs;
      return {
        stamp: new Date(atMs).toISOString().replace('Z', '000000Z'),
        text: text.replaceAll('\n', '.'),
      };
    });
  });

/** What the kubelet sends: lines at or after a whole second. */
function served(lines: readonly Line[], sinceTime: string | undefined): Buffer {
  const sinceMs = sinceTime === undefined ? 0 : Date.parse(sinceTime);
  const kept = lines.filter((line) => Date.parse(line.stamp) >= sinceMs);
  return Buffer.from(kept.map((line) => `${line.stamp} ${line.text}\n`).join(''));
}

describe('a log that is read over broken connections', () => {
  it.each([true, false])('is whole and without repeats, wherever it is cut (timestamps kept: %s)', (keepTimestamps) => {
    fc.assert(
      fc.property(
        logs,
        fc.array(
          fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), chunk: fc.integer({ min: 1, max: 90 }) }),
        ),
        (lines, cuts) => {
          const resume = resumeLog({ keepTimestamps });
          const got: Buffer[] = [];
          const read = (bytes: Buffer, chunkBytes: number) => {
            resume.reconnect();
            for (let at = 0; at < bytes.length; at += chunkBytes) {
              got.push(Buffer.from(resume.take(bytes.subarray(at, at + chunkBytes))));
            }
            expect(resume.complaint()).toBeUndefined();
          };
          for (const { part, chunk } of cuts) {
            const bytes = served(lines, resume.sinceTime());
            read(bytes.subarray(0, Math.floor(bytes.length * part)), chunk);
          }
          read(served(lines, resume.sinceTime()), 4096);
          const wanted = lines.map((line) => `${keepTimestamps ? `${line.stamp} ` : ''}${line.text}\n`).join('');
          expect(Buffer.concat(got).toString()).toBe(wanted);
        },
      ),
      { numRuns: process.env.MUSTER_LONG ? 5000 : 500, seed: 7 },
    );
  });

  it('asks for a line that is stamped before the one above it, on the other side of a whole second', () => {
    const resume = resumeLog({ keepTimestamps: false });
    const lines = [
      { stamp: '2026-01-01T00:00:00.000000000Z', text: 'a' },
      { stamp: '2025-12-31T23:59:59.998000000Z', text: 'b' },
    ];
    resume.reconnect();
    resume.take(served(lines.slice(0, 1), undefined));
    resume.reconnect();
    expect(resume.take(served(lines, resume.sinceTime())).toString()).toBe('b\n');
  });

  it('goes on in a rotated file that no longer has the last line', () => {
    const resume = resumeLog({ keepTimestamps: false });
    resume.reconnect();
    resume.take(Buffer.from('2026-01-01T00:00:00.100000000Z a\n2026-01-01T00:00:00.200000000Z b\n'));
    resume.reconnect();
    const rest = resume.take(Buffer.from('2026-01-01T00:00:00.300000000Z c\n2026-01-01T00:00:01.000000000Z d\n'));
    expect(rest.toString()).toBe('c\nd\n');
  });

  it('takes a line of any length in bounded memory, and carries on within it', () => {
    const resume = resumeLog({ keepTimestamps: false });
    const stamp = Buffer.from('2026-01-01T00:00:00.100000000Z ');
    const piece = Buffer.alloc(1 << 20, 'y');
    let sizeBytes = 0;
    resume.reconnect();
    resume.take(stamp);
    for (let count = 0; count < 64; count++) sizeBytes += resume.take(piece).length;
    resume.reconnect();
    expect(resume.take(stamp).length).toBe(0);
    for (let count = 0; count < 70; count++) sizeBytes += resume.take(piece).length;
    expect(sizeBytes).toBe(70 << 20);
  });

  it('tells a complaint of the kubelet from a line', () => {
    const resume = resumeLog({ keepTimestamps: false });
    resume.reconnect();
    expect(resume.take(Buffer.from('unable to retrieve container logs for containerd://abc')).length).toBe(0);
    expect(resume.complaint()).toContain('unable to retrieve container logs');
    expect(resume.sawLine()).toBe(false);
    resume.reconnect();
    const text = '2026-01-01T00:00:00.100000000Z a\nfailed to create fsnotify watcher: too many open files';
    expect(resume.take(Buffer.from(text)).toString()).toBe('a\n');
    expect([resume.complaint()?.startsWith('failed'), resume.sawLine()]).toEqual([true, true]);
  });
});
