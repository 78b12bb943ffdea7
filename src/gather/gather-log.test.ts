import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineTap } from './gather-log.ts';

/** What comes out, and what is shown. */
async function tapped(chunks: Iterable<Buffer>): Promise<{ passed: Buffer; shown: string[] }> {
  const shown: string[] = [];
  const passed: Buffer[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      passed.push(chunk);
      done();
    },
  });
  await pipeline(
    Readable.from(chunks),
    lineTap((line) => shown.push(line)),
    sink,
  );
  return { passed: Buffer.concat(passed), shown };
}

describe('a log on its way to its file', () => {
  test('lines are shown, however the chunks are cut; the last one needs no newline', async () => {
    const { shown } = await tapped(['one\ntw', 'o\n\nth', 'ree'].map((text) => Buffer.from(text)));
    expect(shown).toEqual(['one', 'two', '', 'three']);
  });

  test('a character that is cut between chunks', async () => {
    const bytes = Buffer.from('häß 🚢\n');
    const { shown } = await tapped([...bytes].map((byte) => Buffer.of(byte)));
    expect(shown).toEqual(['häß 🚢']);
  });

  test('of a long line its start is shown, with its length; the file has it whole', async () => {
    const long = Buffer.from(`${'x'.repeat(1_000_000)}\nnext\n`);
    const pieces = Array.from({ length: 20 }, (_, at) => long.subarray(at * 60_000, (at + 1) * 60_000));
    const { passed, shown } = await tapped(pieces);
    expect(passed.equals(long)).toBe(true);
    expect(shown).toEqual([`${'x'.repeat(4096)} … (1000000 bytes)`, 'next']);
  });

  test('a line of exactly what is shown has no remark', async () => {
    const { shown } = await tapped([Buffer.from(`${'x'.repeat(4096)}\n`)]);
    expect(shown).toEqual(['x'.repeat(4096)]);
  });

  test('property: bytes pass unchanged, and the lines are those of the text', async () => {
    const piece = fc.oneof(fc.constantFrom('\n', '\n\n'), fc.string({ unit: 'binary', maxLength: 30 }));
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(40), { minLength: 1 }), async (pieces, cuts) => {
        const whole = Buffer.from(pieces.join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const size = 1 + (cuts[turn % cuts.length] ?? 0);
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        const { passed, shown } = await tapped(chunks);
        expect(passed.equals(whole)).toBe(true);
        const lines = whole.toString().split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(shown).toEqual(lines.map((line) => line.trimEnd()));
      }),
      { numRuns: process.env.MUSTER_LONG === undefined ? 100 : 3000, seed: 5 },
    );
  });

  test('256 MB without a newline cost no memory to speak of', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    function* endless() {
      for (let count = 0; count < 4096; count += 1) yield chunk;
    }
    let peakBytes = 0;
    let shown = '';
    const startBytes = process.memoryUsage().arrayBuffers;
    await pipeline(
      Readable.from(endless()),
      lineTap((line) => {
        shown = line;
      }),
      async (source: AsyncIterable<Buffer>) => {
        for await (const _ of source) peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers - startBytes);
      },
    );
    expect(shown.endsWith(`… (${4096 * 64 * 1024} bytes)`)).toBe(true);
    expect(peakBytes).toBeLessThan(64 * 2 ** 20);
  });
});
