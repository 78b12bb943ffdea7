import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { PartWriter } from './part-writer.ts';
import { fileEntry, make, piece, scratchFolder, tarOf } from './test-support.ts';
import { unfoldLoneTar } from './unfold-lone-tar.ts';
import { verifyArchive } from './verify.ts';

const lone = 'top/i/must-gather.tar.gz';
const tree = tarOf(piece('must-gather/', '', { flag: '5' }), piece('must-gather/a', 'A'), piece('../evil', 'x'));
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
  { name: 'a gzip', bytes: gzipSync(tree), names: ['top/i', 'top/i/must-gather', 'top/i/must-gather/a'], says: /evil/ },
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
