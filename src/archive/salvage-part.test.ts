import { createHash } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPartWriter } from './part-writer.ts';
import { openArchive } from './read-archive.ts';
import { salvagePart } from './salvage-part.ts';
import { sealArchive } from './seal.ts';
import { bytesOf, fileEntry, scratchFolder } from './test-support.ts';
import { verifyArchive } from './verify.ts';

/** Bytes that do not compress, so that a member's place in the file is known by its size. */
function noise(sizeBytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < sizeBytes; i++) blocks.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

async function sealed(directory: string, destination: string) {
  await sealArchive({ parts: [{ directory }], generated: [], destination, mtimeMs: 0 });
  expect((await verifyArchive(destination)).problems).toEqual([]);
  const archive = await openArchive(destination);
  const found: Record<string, Buffer> = {};
  for await (const { path, type } of archive.entries())
    if (type === 'file') found[path] = await bytesOf(await archive.read(path));
  await archive.close();
  return found;
}

test('a copy of the record, with the members that were there or any more or less of them, makes an archive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(12_000), { minLength: 1, maxLength: 12 }),
      fc.nat(12),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (sizes, copiedAfter, share) => {
        using folder = scratchFolder();
        const directory = join(folder.path, 'part');
        const contents: Record<string, Buffer> = {};
        const writer = await createPartWriter({ directory, say: () => undefined, memberSizeBytes: 4096 });
        const copy = join(folder.path, 'copy.db');
        for (const [i, size] of sizes.entries()) {
          if (i === Math.min(copiedAfter, sizes.length - 1)) writer.copyRecord(copy);
          contents[`top/${i}`] = noise(size, `${i}`);
          await writer.add(fileEntry(`top/${i}`, size), contents[`top/${i}`]);
          if (i % 3 === 0)
            await writer.add({ ...fileEntry(`top/link-${i}`, 0), type: 'hardlink', linkTarget: `top/${i}` });
          if (i % 4 === 3) await writer.drop([`top/${i - 1}`]);
        }
        await writer.finish();
        const membersBytes = Math.round(statSync(join(directory, 'members')).size * share);
        truncateSync(join(directory, 'members'), membersBytes);
        writeFileSync(join(directory, 'record.db'), readFileSync(copy));
        await salvagePart(directory, () => undefined);
        const found = await sealed(directory, join(folder.path, 'a.tar.gz'));
        for (const [path, bytes] of Object.entries(found))
          expect(bytes.equals(contents[path] ?? Buffer.alloc(0))).toBe(true);
      },
    ),
    { numRuns: process.env.MUSTER_LONG ? 1000 : 40 },
  );
});

test('what the members hold whole is kept, links to it included', async () => {
  using folder = scratchFolder();
  const directory = join(folder.path, 'part');
  const lines: string[] = [];
  const writer = await createPartWriter({ directory, say: () => undefined, memberSizeBytes: 4096 });
  for (const name of ['a', 'b', 'c']) await writer.add(fileEntry(`top/${name}`, 9000), noise(9000, name));
  await writer.add({ ...fileEntry('top/to-b', 0), type: 'hardlink', linkTarget: 'top/b' });
  await writer.add({ ...fileEntry('top/to-c', 0), type: 'hardlink', linkTarget: 'top/c' });
  const copy = join(folder.path, 'copy.db');
  // Ends the run that is being filled, and waits until it is on disk.
  await bytesOf(await writer.read('top/c'));
  writer.copyRecord(copy);
  await writer.finish();
  truncateSync(join(directory, 'members'), 20_000);
  writeFileSync(join(directory, 'record.db'), readFileSync(copy));
  expect(await salvagePart(directory, (line) => lines.push(line))).toMatchObject({ files: 2, contentBytes: 18_000 });
  expect(Object.keys(await sealed(directory, join(folder.path, 'a.tar.gz')))).toEqual(['top/a', 'top/b']);
  expect(lines).toEqual(['left out "top/to-c": its link target "top/c" is gone']);
});
