import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { make, packBytes, padded, pax, piece, rawHeader, run, scratchFolder, tarOf, treeOf } from './test-support.ts';
import { verifyArchive } from './verify.ts';

const file = piece('good.txt', 'good');
const long = (count: number) => Array.from({ length: count }, () => 'd'.repeat(99)).join('/');

type Case = {
  readonly name: string;
  readonly tar: Buffer;
  /** Paths below top/image that are packed, beside `good.txt`. */
  readonly packed?: string[];
  /** What the log says of what is left out or changed. */
  readonly says?: RegExp;
  /** Whether the stream is one that breaks. */
  readonly breaks?: boolean;
};

const cases: Case[] = [
  { name: 'parent in the name', tar: tarOf(file, piece('../evil', 'x')), says: /evil.*"\.\."/ },
  { name: 'parent in the middle', tar: tarOf(file, piece('a/../../evil', 'x')), says: /"\.\."/ },
  { name: 'parent at the end', tar: tarOf(file, piece('a/..', '')), says: /"\.\."/ },
  { name: 'absolute name', tar: tarOf(file, piece('/etc/passwd', 'x')), says: /absolute/ },
  { name: 'two slashes in front', tar: tarOf(file, piece('//etc/passwd', 'x')), says: /absolute/ },
  { name: 'empty name', tar: tarOf(file, piece('', 'x')), says: /empty/ },
  { name: 'absolute name by pax', tar: tarOf(file, pax({ path: '/etc/x' }), piece('ok', 'x')), says: /absolute/ },
  { name: 'parent by pax', tar: tarOf(file, pax({ path: '../../x' }), piece('ok', 'x')), says: /"\.\."/ },
  { name: 'NUL by pax', tar: tarOf(file, pax({ path: 'a\0b' }), piece('ok', 'x')), says: /NUL/ },
  { name: 'segment of 256 bytes', tar: tarOf(file, pax({ path: 'n'.repeat(256) }), piece('ok')), says: /segment/ },
  {
    name: 'segment of 255 bytes',
    tar: tarOf(file, pax({ path: 'n'.repeat(255) }), piece('ok')),
    packed: ['n'.repeat(255)],
  },
  { name: 'path of nearly 4 KiB', tar: tarOf(file, pax({ path: long(40) }), piece('ok', 'x')), packed: [long(40)] },
  { name: 'path beyond 4 KiB', tar: tarOf(file, pax({ path: long(42) }), piece('ok', 'x')), says: /too long|longer/ },
  { name: 'newline in the name', tar: tarOf(file, piece('a\nleft out b', 'x')), packed: ['a\nleft out b'] },
  { name: 'escape sequence in the name', tar: tarOf(file, piece('\u001b[2Jx', 'x')), packed: ['\u001b[2Jx'] },
  { name: 'direction mark in the name', tar: tarOf(file, piece('a\u202egpj.exe', 'x')), packed: ['a\u202egpj.exe'] },
  { name: 'backslashes', tar: tarOf(file, piece('..\\..\\evil', 'x')), packed: ['..\\..\\evil'] },
  {
    name: 'leading dash',
    tar: tarOf(file, piece('--checkpoint-action=exec=sh', 'x')),
    packed: ['--checkpoint-action=exec=sh'],
  },
  {
    name: 'name that is no UTF-8',
    tar: tarOf(file, piece(Buffer.from([0x61, 0xff, 0xfe]), 'x')),
    packed: ['a%FF%FE'],
    says: /UTF-8/,
  },
  { name: 'dots and slashes to spare', tar: tarOf(file, piece('././/a/.//b', 'x')), packed: ['a/b'] },
  { name: 'prototype names', tar: tarOf(file, piece('__proto__/constructor', 'x')), packed: ['__proto__/constructor'] },
  { name: 'symlink out, absolute', tar: tarOf(file, piece('l', '', { flag: '2', link: '/etc' })), says: /absolute/ },
  {
    name: 'symlink out, relative',
    tar: tarOf(file, piece('l', '', { flag: '2', link: '../../etc' })),
    says: /outside/,
  },
  { name: 'symlink to the folder above', tar: tarOf(file, piece('l', '', { flag: '2', link: '..' })), says: /outside/ },
  {
    name: 'symlink climbing after a name',
    tar: tarOf(file, piece('a/l', '', { flag: '2', link: 'b/../../..' })),
    says: /climbs/,
  },
  { name: 'symlink without a target', tar: tarOf(file, piece('l', '', { flag: '2' })), says: /empty target/ },
  { name: 'symlink inside', tar: tarOf(file, piece('a/l', '', { flag: '2', link: '../good.txt' })), packed: ['a/l'] },
  { name: 'symlink that dangles', tar: tarOf(file, piece('l', '', { flag: '2', link: 'gone' })), packed: ['l'] },
  { name: 'symlink to itself', tar: tarOf(file, piece('l', '', { flag: '2', link: 'l' })), packed: ['l'] },
  {
    name: 'file through a symlink',
    tar: tarOf(file, piece('l', '', { flag: '2', link: 'd' }), piece('l/evil', 'x')),
    packed: ['l'],
    says: /is a symlink/,
  },
  {
    name: 'symlink in place of a full folder',
    tar: tarOf(file, piece('d/f', 'x'), piece('d', '', { flag: '2', link: 'e' })),
    packed: ['d/f'],
    says: /folder with content/,
  },
  { name: 'file below a file', tar: tarOf(file, piece('good.txt/x', 'x')), says: /is a file/ },
  { name: 'hard link', tar: tarOf(file, piece('h', '', { flag: '1', link: 'good.txt' })), packed: ['h'] },
  {
    name: 'hard link to a hard link',
    tar: tarOf(file, piece('h', '', { flag: '1', link: 'good.txt' }), piece('i', '', { flag: '1', link: 'h' })),
    packed: ['h', 'i'],
  },
  { name: 'hard link out', tar: tarOf(file, piece('h', '', { flag: '1', link: '../../etc/passwd' })), says: /"\.\."/ },
  {
    name: 'hard link, absolute',
    tar: tarOf(file, piece('h', '', { flag: '1', link: '/etc/passwd' })),
    says: /absolute/,
  },
  { name: 'hard link to nothing', tar: tarOf(file, piece('h', '', { flag: '1', link: 'gone' })), says: /not packed/ },
  { name: 'hard link to itself', tar: tarOf(file, piece('h', '', { flag: '1', link: 'h' })), says: /not packed/ },
  {
    name: 'hard link to a folder',
    tar: tarOf(file, piece('d/', '', { flag: '5' }), piece('h', '', { flag: '1', link: 'd' })),
    packed: ['d'],
    says: /directory/,
  },
  {
    name: 'hard link to a symlink',
    tar: tarOf(file, piece('l', '', { flag: '2', link: 'good.txt' }), piece('h', '', { flag: '1', link: 'l' })),
    packed: ['h', 'l'],
  },
  { name: 'character device', tar: tarOf(file, piece('dev', '', { flag: '3' })), says: /character-device/ },
  { name: 'block device', tar: tarOf(file, piece('dev', '', { flag: '4' })), says: /block-device/ },
  { name: 'named pipe', tar: tarOf(file, piece('pipe', '', { flag: '6' })), says: /fifo/ },
  { name: 'type nobody knows', tar: tarOf(file, piece('odd', 'x', { flag: 'Z' })), says: /unknown/ },
  { name: 'file with holes', tar: tarOf(file, pax({ 'GNU.sparse.major': '1' }), piece('s', 'x')), says: /holes/ },
  { name: 'the same path twice', tar: tarOf(file, piece('a', 'first'), piece('a', 'second')), packed: ['a'] },
  {
    name: 'the same folder twice',
    tar: tarOf(file, piece('d/', '', { flag: '5' }), piece('d/', '', { flag: '5' })),
    packed: ['d'],
  },
  { name: 'setuid bits', tar: tarOf(file, piece('s', 'x')), packed: ['s'] },
  { name: 'entries after the trailer', tar: Buffer.concat([tarOf(file), tarOf(piece('late', 'x'))]), packed: ['late'] },
  { name: 'no trailer', tar: file },
  { name: 'no tar at all', tar: Buffer.concat([file, Buffer.alloc(512, 'x')]), breaks: true },
  {
    name: 'cut in the content',
    tar: Buffer.concat([file, rawHeader({ name: 'cut', size: 9000 }), Buffer.alloc(700)]),
    packed: ['cut'],
    says: /short/,
    breaks: true,
  },
  { name: 'cut in a header', tar: Buffer.concat([file, rawHeader({ name: 'cut' }).subarray(0, 300)]), breaks: true },
  {
    name: 'size below zero',
    tar: tarOf(file, rawHeader({ name: 'n', octal: '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe' })),
    breaks: true,
  },
  { name: 'size by pax that is no number', tar: tarOf(file, pax({ size: 'many' }), piece('n', 'x')), breaks: true },
  {
    name: 'name header of a gigabyte',
    tar: tarOf(file, rawHeader({ name: 'L', flag: 'L', size: 1 << 30 })),
    breaks: true,
  },
  {
    name: 'pax header of garbage',
    tar: tarOf(file, rawHeader({ name: 'p', flag: 'x', size: 7 }), padded('garbage'), piece('after', 'x')),
    packed: ['after'],
  },
];

describe('hostile tars', () => {
  test('are enough', () => expect(cases.length).toBeGreaterThanOrEqual(40));

  test.each(cases)('$name', async ({ tar, packed = [], says, breaks = false }) => {
    using folder = scratchFolder();
    let broke = false;
    const made = await make(folder.path, async (writer, say) => {
      await packBytes(tar)(writer, say).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ArchiveBroken' });
        broke = true;
      });
    });
    expect(broke).toBe(breaks);
    const expected = ['good.txt', ...packed].map((name) => `top/image/${name}`);
    expect(made.names).toEqual(expected.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    if (says) expect(made.lines.join('\n')).toMatch(says);
    else expect(made.lines).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach the log
    for (const line of made.lines) expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect((await verifyArchive(made.archive)).problems).toEqual([]);
    const out = join(folder.path, 'deep/er/out');
    mkdirSync(out, { recursive: true });
    if (!packed.includes(long(40))) run('tar', ['-xzf', made.archive, '-C', out]);
    else run('tar', ['-tzf', made.archive]);
    expect(
      Object.keys(treeOf(join(folder.path, 'deep'))).every((path) => /^er(\/out(\/top(\/|$)|$)|$)/.test(path)),
    ).toBe(true);
  });
});
