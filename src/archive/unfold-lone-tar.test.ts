import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { PartWriter } from './part-writer.ts';
import { fileEntry, make, pax, piece, scratchFolder, tarOf } from './test-support.ts';
import { unfoldLoneTar } from './unfold-lone-tar.ts';
import { verifyArchive } from './verify.ts';

const lone = 'top/i/must-gather.tar.gz';
const tree = tarOf(piece('logs/', '', { flag: '5' }), piece('logs/a', 'A'), piece('../evil', 'x'));
const wrapped = tarOf(
  piece('./', '', { flag: '5' }),
  piece('./must-gather/', '', { flag: '5' }),
  piece(Buffer.concat([Buffer.from('./must-gather//b'), Buffer.from([0xe9])]), 'A'),
  pax({ path: 'must-gather/é' }),
  piece('x', 'E'),
  piece('must-gather/d/c', 'C'),
  piece('must-gather/hard', '', { flag: '1', link: './must-gather/d/c' }),
  piece('must-gather/soft', '', { flag: '2', link: 'd/c' }),
  piece('must-gather/out', '', { flag: '2', link: '../x' }),
  piece('must-gather/../evil', 'x'),
);
const beside = tarOf(piece('must-gather/a', 'A'), piece('must-gather-2', 'x'));
const named = tarOf(piece('must-gather', 'only a file'));
const twin = tarOf(piece('must-gather.tar.gz', 'inner'), piece('b', 'B'));

type Case = {
  name: string;
  bytes: Buffer;
  path?: string;
  beside?: string;
  limitBytes?: number;
  names: string[];
  says?: RegExp;
};

const cases: Case[] = [
  { name: 'a gzip', bytes: gzipSync(tree), names: ['top/i', 'top/i/logs', 'top/i/logs/a'], says: /^[^\n]*evil[^\n]*$/ },
  {
    name: 'one that holds the folder must-gather itself',
    bytes: gzipSync(wrapped),
    names: ['top/i', 'top/i/b%E9', 'top/i/d/c', 'top/i/hard', 'top/i/soft', 'top/i/é'],
    says: /without its top folder "must-gather"\n.*UTF-8.*\n.*out.*outside.*\n.*evil/,
  },
  {
    name: 'one with something beside its folder must-gather',
    bytes: gzipSync(beside),
    names: ['top/i', 'top/i/must-gather-2', 'top/i/must-gather/a'],
  },
  { name: 'one with a file called must-gather', bytes: gzipSync(named), names: ['top/i', 'top/i/must-gather'] },
  { name: 'a plain tar', path: 'top/i/x.tar', bytes: twin, names: ['top/i', 'top/i/b', lone] },
  { name: 'one with an entry of its own name', bytes: gzipSync(twin), names: ['top/i', 'top/i/b', lone] },
  { name: 'one beside another file', bytes: gzipSync(tree), beside: 'top/i/z', names: ['top/i', lone, 'top/i/z'] },
  { name: 'one that is no tar', bytes: Buffer.from('text, no tar'), names: ['top/i', lone], says: /kept as it is/ },
  {
    name: 'one that is cut',
    bytes: gzipSync(tree).subarray(0, 90),
    names: ['top/i', lone],
    says: /kept as it is/,
  },
  {
    name: 'a bomb',
    bytes: gzipSync(tarOf(piece('zeros', '\0'.repeat(4_000_000)))),
    names: ['top/i', lone],
    says: /more than \d+ bytes/,
  },
  {
    name: 'one over the limit',
    bytes: gzipSync(tree),
    limitBytes: 600,
    names: ['top/i', lone],
    says: /more than 600 bytes/,
  },
];

test.each(cases)('$name', async ({ bytes, path = lone, beside, limitBytes = 1e9, names, says }) => {
  using folder = scratchFolder();
  let unfolded = false;
  const kept: Buffer[] = [];
  const made = await make(folder.path, async (writer: PartWriter, say) => {
    await writer.add({ ...fileEntry('top/i', 0), type: 'directory' });
    await writer.add(fileEntry(path, bytes.length), bytes);
    if (beside) await writer.add(fileEntry(beside, 1), Buffer.from('z'));
    unfolded = await unfoldLoneTar(writer, { prefix: 'top/i', limitBytes, say });
    if (!unfolded) for await (const chunk of await writer.read(path)) kept.push(chunk);
  });
  expect(made.names).toEqual(names);
  if (!unfolded) expect(Buffer.concat(kept).equals(bytes)).toBe(true);
  expect(made.lines.join('\n')).toMatch(says ?? /^$/);
  expect((await verifyArchive(made.archive)).problems).toEqual([]);
});
