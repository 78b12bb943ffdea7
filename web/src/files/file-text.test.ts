import { describe, expect, it } from 'vitest';
import { createFileText, type FileText } from './file-text.ts';
import type { ReadBytes } from './read-stretches.ts';
import { isText, type Row, rowOf, STRETCH_BYTES, type Stretch } from './stretch.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const lineOf = (number: number) =>
  `line ${String(number).padStart(9, '0')} ${number % 1000 === 7 ? 'Needle' : 'hay'}\n`;
const LINES = 300_000;
const large = encode(Array.from({ length: LINES }, (_, index) => lineOf(index + 1)).join(''));

/** Reads of bytes in memory, as Range requests answer: what of the range is there. */
function fileOf(bytes: Uint8Array) {
  let readBytes = 0;
  const read: ReadBytes = async ({ offset, length }, signal) => {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const part = bytes.slice(offset, offset + length);
    readBytes += part.length;
    return { bytes: part, sizeBytes: bytes.length };
  };
  return { read, readBytes: () => readBytes };
}

async function opened(bytes: Uint8Array): Promise<FileText> {
  const text = createFileText(fileOf(bytes).read);
  await text.open();
  return text;
}
const rowsOf = (text: FileText): Row[] =>
  text.snapshot().stretches.flatMap((stretch) => Array.from(stretch.rowStarts, (_, index) => rowOf(stretch, index)));
const bytesOf = (text: FileText) => text.snapshot().stretches.reduce((sum, { bytes }) => sum + bytes.length, 0);

describe('the text of a file', () => {
  it('shows lines with their numbers', async () => {
    const text = await opened(encode('one\r\ntwo\n\nünïcode'));
    expect(rowsOf(text).map(({ line, text: shown }) => [line, shown])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, ''],
      [4, 'ünïcode'],
    ]);
  });

  it('goes through a large file and back, with whole lines, right numbers and little at hand', async () => {
    const text = await opened(large);
    const seen = new Set<number>();
    const look = (stretch: Stretch) => {
      expect(bytesOf(text)).toBeLessThanOrEqual(4 * STRETCH_BYTES);
      for (const index of stretch.rowStarts.keys()) {
        const { line, text: shown } = rowOf(stretch, index);
        if (`${shown}\n` !== lineOf(line ?? 0)) throw new Error(`line ${line} is ${shown}`);
        seen.add(line ?? 0);
      }
    };
    const walk = async (place: 0 | -1, go: () => Promise<void>) => {
      seen.clear();
      for (let at: Stretch | undefined; ; await go()) {
        const newest = text.snapshot().stretches.at(place);
        if (newest === undefined || newest === at) return seen.size;
        look(newest);
        at = newest;
      }
    };
    expect(await walk(-1, text.next)).toBe(LINES);
    expect(await walk(0, text.previous)).toBe(LINES - 3 * 50_000);
    expect(rowsOf(text)[0]?.line).toBe(1);
  });

  it('goes to its end at once, and knows no numbers there', async () => {
    const file = fileOf(large);
    const text = createFileText(file.read);
    await text.open();
    await text.toEnd();
    expect(file.readBytes()).toBeLessThanOrEqual(2 * STRETCH_BYTES);
    const last = rowsOf(text).at(-1);
    expect([last?.text, last?.line]).toEqual([lineOf(LINES).trimEnd(), undefined]);
    await text.previous();
    expect(rowsOf(text)[0]?.text).toMatch(/^line \d{9} hay$/);
  });

  it('finds a line by its number, and says when there is none', async () => {
    const text = await opened(large);
    await text.toLine(222_222);
    const { goal } = text.snapshot();
    expect(rowsOf(text).find(({ offset }) => offset === goal?.offset)?.line).toBe(222_222);
    await text.toLine(LINES + 1);
    expect(text.snapshot().trouble).toBe('no-such-line');
  });

  it('finds text in what is at hand, then in all of it, and shows match after match', async () => {
    const text = await opened(large);
    text.find('NEEDLE');
    const here = text.snapshot().search;
    expect([here.isWhole, here.matches.length > 0 && here.matches.length < 300]).toEqual([false, true]);
    await text.findAll();
    expect([text.snapshot().search.isWhole, text.snapshot().search.matches.length]).toEqual([true, 300]);
    await text.step(-1);
    const { goal, search } = text.snapshot();
    expect(search.at).toBe(299);
    expect(rowsOf(text).findLast(({ offset }) => offset <= (goal?.offset ?? 0))?.line).toBe(299_007);
    await text.step(1);
    expect([text.snapshot().search.at, rowsOf(text)[0]?.line]).toEqual([0, 1]);
  });

  it('takes what is searched for as text, not as a pattern, with bytes that are no ASCII', async () => {
    const text = await opened(encode('a.b [x] ünï\nanb\n'));
    for (const [query, count] of [
      ['a.b', 1],
      ['[X]', 1],
      ['ünï', 1],
      ['(', 0],
      ['-', 0],
    ] as const) {
      text.find(query);
      expect([query, text.snapshot().search.matches.length]).toEqual([query, count]);
    }
  });

  it('cuts a line without end into rows, and no character', async () => {
    const text = await opened(encode('ü'.repeat(1_500_000)));
    await text.next();
    const rows = rowsOf(text);
    expect(bytesOf(text)).toBe(3_000_000);
    expect(rows.map(({ text: shown }) => shown).join('')).toBe('ü'.repeat(1_500_000));
    expect(Math.max(...rows.map(({ text: shown }) => shown.length))).toBeLessThanOrEqual(4000);
  });

  it('keeps few rows where lines are short', async () => {
    const text = await opened(new Uint8Array(3_000_000).fill(10));
    expect(rowsOf(text).length).toBe(50_000);
    await text.toEnd();
    expect(rowsOf(text).length).toBe(50_000);
    await text.toLine(2_999_999);
    expect(rowsOf(text).some(({ line }) => line === 2_999_999)).toBe(true);
  });

  it('keeps what it shows when reading on fails, and goes on when asked again', async () => {
    const file = fileOf(large);
    let isDown = false;
    const text = createFileText((range, signal) =>
      isDown ? Promise.reject(new Error('down')) : file.read(range, signal),
    );
    await text.open();
    isDown = true;
    await text.next();
    expect([text.snapshot().kind, text.snapshot().trouble]).toEqual(['text', new Error('down')]);
    isDown = false;
    await text.next();
    expect([text.snapshot().trouble, text.snapshot().stretches.length]).toEqual([undefined, 2]);
  });

  it('ends what is under way when something else is asked for', async () => {
    const file = fileOf(large);
    const text = createFileText(file.read);
    await text.open();
    text.find('nowhere');
    const searching = text.findAll();
    await text.toEnd();
    await searching;
    expect(file.readBytes()).toBeLessThan(large.length);
    expect(text.snapshot().busy).toBeUndefined();
  });

  it.each<[string, Uint8Array, boolean]>([
    ['nothing', new Uint8Array(), true],
    ['coloured text', encode('\u001b[31mred\u001b[0m'), true],
    ['a tar header', encode('name\0\0\0\0'), false],
    ['noise', Uint8Array.from({ length: 1000 }, (_, index) => 128 + ((index * 37) % 127)), false],
  ])('tells text from other bytes: %s', (_what, bytes, expected) => {
    expect(isText(bytes)).toBe(expected);
  });
});
