import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareDestination } from './destination.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-destination-'));
  writeFileSync(join(folder, 'file'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const isRoot = process.getuid?.() === 0;

describe('where the result goes', () => {
  test('by default an archive of its name, here', async () => {
    expect(await prepareDestination({}, 'top')).toEqual({
      archiveFile: join(process.cwd(), 'top.tar.gz'),
      unpackInto: undefined,
    });
  });

  test('an archive by its name; one that is there is written over', async () => {
    const archive = join(folder, 'file');
    expect(await prepareDestination({ archive }, 'top')).toEqual({ archiveFile: archive, unpackInto: undefined });
  });

  test('a folder, made where it is not there', async () => {
    const destDir = join(folder, 'new', 'out');
    expect(await prepareDestination({ destDir }, 'top')).toEqual({
      archiveFile: join(destDir, 'top.tar.gz'),
      unpackInto: destDir,
    });
    expect(existsSync(destDir)).toBe(true);
  });
});

describe('what cannot be used is refused by the flag', () => {
  test.each<[string, () => { archive?: string; destDir?: string }, string, string]>([
    [
      'an archive below a file',
      () => ({ archive: join(folder, 'file', 'x.tar.gz') }),
      'DestinationUnusable',
      '--archive',
    ],
    [
      'an archive in no folder',
      () => ({ archive: join(folder, 'none', 'x.tar.gz') }),
      'DestinationUnusable',
      '--archive',
    ],
    ['an archive that is a folder', () => ({ archive: folder }), 'InvalidInput', '--archive'],
    ['a folder below a file', () => ({ destDir: join(folder, 'file', 'out') }), 'DestinationUnusable', '--dest-dir'],
    ['a folder that is a file', () => ({ destDir: join(folder, 'file') }), 'DestinationUnusable', '--dest-dir'],
    ['a folder with a colon', () => ({ destDir: 'host:out' }), 'InvalidInput', '--dest-dir'],
  ])('%s', async (_, given, code, field) => {
    await expect(prepareDestination(given(), 'top')).rejects.toMatchObject({
      code,
      field,
      exitCode: 2,
      message: expect.stringContaining(field),
    });
  });

  test.skipIf(isRoot)('a folder that may not be written', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    await expect(prepareDestination({ archive: join(closed, 'x') }, 'top')).rejects.toMatchObject({
      field: '--archive',
    });
  });
});
