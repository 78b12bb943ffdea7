import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { make, packBytes, piece, run, scratchFolder, tarOf, treeOf } from './test-support.ts';
import { unpackArchive } from './unpack.ts';
import { verifyArchive } from './verify.ts';

const tree = tarOf(
  piece('a/', '', { flag: '5' }),
  piece('a/f', 'new'),
  piece('b/c/f', 'new'),
  piece('g', 'new'),
  piece('h', '', { flag: '1', link: 'g' }),
  piece('l', '', { flag: '2', link: 'g' }),
);

/** What stands in the way: `outside` is a folder that must stay as it is, `victim` a file in it. */
type Case = { name: string; plant: (out: string, outside: string) => void; leftOut: number; tree: object };

const all = {
  a: 'directory',
  'a/f': 'bmV3',
  b: 'directory',
  'b/c': 'directory',
  'b/c/f': 'bmV3',
  g: 'bmV3',
  h: 'bmV3',
  l: '-> g',
};
const outsideLink = '-> ../outside';

const cases: Case[] = [
  { name: 'nothing', plant: () => undefined, leftOut: 0, tree: all },
  {
    name: 'a link in place of a folder above a file',
    plant: (out) => symlinkSync('../outside', join(out, 'b')),
    leftOut: 1,
    tree: { ...all, b: outsideLink, 'b/c': undefined, 'b/c/f': undefined },
  },
  {
    name: 'a link in place of a folder further down',
    plant: (out) => {
      mkdirSync(join(out, 'b'));
      symlinkSync('../../outside', join(out, 'b/c'));
    },
    leftOut: 1,
    tree: { ...all, 'b/c': '-> ../../outside', 'b/c/f': undefined },
  },
  {
    name: 'a link in place of a folder of the archive',
    plant: (out) => symlinkSync('../outside', join(out, 'a')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a link in place of a file',
    plant: (out) => symlinkSync('../outside/victim', join(out, 'g')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a link in place of a hard link',
    plant: (out) => symlinkSync('../outside/victim', join(out, 'h')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a link in place of a link',
    plant: (out) => symlinkSync('../outside/victim', join(out, 'l')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a link that dangles in place of a file',
    plant: (out) => symlinkSync('../outside/new', join(out, 'g')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'another name of the victim in place of a file',
    plant: (out, outside) => linkSync(join(outside, 'victim'), join(out, 'g')),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a pipe in place of a file',
    plant: (out) => void run('mkfifo', [join(out, 'g')]),
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a full folder in place of a file',
    plant: (out) => {
      mkdirSync(join(out, 'g'));
      symlinkSync('../../outside', join(out, 'g/x'));
    },
    leftOut: 0,
    tree: all,
  },
  {
    name: 'a folder in place of links',
    plant: (out) => {
      for (const name of ['h', 'l']) mkdirSync(join(out, name));
    },
    leftOut: 2,
    tree: { ...all, h: 'directory', l: 'directory' },
  },
];

test.each(cases)('unpacking over $name writes nothing outside', async ({ plant, leftOut, tree: expected }) => {
  using folder = scratchFolder();
  const [out, outside] = [join(folder.path, 'out'), join(folder.path, 'outside')];
  mkdirSync(out);
  mkdirSync(outside);
  writeFileSync(join(outside, 'victim'), 'old');
  plant(out, outside);
  const made = await make(folder.path, packBytes(tree));
  const lines: string[] = [];
  const unpacked = await unpackArchive(made.archive, out, { say: (line) => lines.push(line), below: 'top/image' });
  expect(unpacked.leftOut).toBe(leftOut);
  expect(lines).toHaveLength(leftOut);
  expect(treeOf(out)).toEqual(JSON.parse(JSON.stringify(expected)));
  expect(treeOf(outside)).toEqual({ victim: Buffer.from('old').toString('base64') });
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('old');
});

test.each(['same', 'other'])('two archives in one file (the %s twice) are refused, not misread', async (second) => {
  using folder = scratchFolder();
  const made = async (name: string, tar: Buffer) => {
    mkdirSync(join(folder.path, name));
    return readFileSync((await make(join(folder.path, name), packBytes(tar))).archive);
  };
  const one = await made('one', tree);
  const two = second === 'same' ? one : await made('two', tarOf(piece('z', 'z')));
  const both = join(folder.path, 'both.tar.gz');
  writeFileSync(both, Buffer.concat([one, two]));
  expect(await verifyArchive(both)).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(/index is damaged: no chunk at byte/)],
  });
});
