import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openArchive } from './read-archive.ts';
import { bytesOf, fileEntry, make, run, scratchFolder } from './test-support.ts';
import { verifyArchive } from './verify.ts';

const many = process.env.MUSTER_LONG ? 500 : 25;

async function checkDamaged(folder: string, good: Buffer, at: number, bit: number): Promise<void> {
  const bad = Buffer.from(good);
  bad[at] = (bad[at] ?? 0) ^ (1 << bit);
  const file = join(folder, 'bad.tar.gz');
  writeFileSync(file, bad);
  const { ok, sha256, problems } = await verifyArchive(file);
  expect(sha256).not.toBe(createHash('sha256').update(good).digest('hex'));
  expect(ok).toBe(problems.length === 0);
  // What nobody reads (the time in a gzip header, say) may be damaged unseen; the tar may not.
  if (ok) expect(gunzipSync(bad).equals(gunzipSync(good))).toBe(true);
  await readAll(file);
}

async function readAll(file: string): Promise<void> {
  const archive = await openArchive(file).catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'ArchiveBroken' }),
  );
  if (typeof archive !== 'object') return;
  try {
    for await (const entry of archive.entries())
      if (entry.type === 'file') await bytesOf(await archive.read(entry.path));
  } catch (error) {
    expect(['ArchiveBroken', 'NotFound']).toContain((error as { code?: string }).code);
  } finally {
    await archive.close();
  }
}

describe('damage', () => {
  test('is found, wherever it is, and never thrown raw', async () => {
    using folder = scratchFolder();
    const made = await make(folder.path, async (writer) => {
      for (let i = 0; i < 40; i++)
        await writer.add(fileEntry(`top/f${i}`, i * 90), Buffer.alloc(i * 90, `line ${i}\n`));
    });
    const good = readFileSync(made.archive);
    // Time, XFL and OS of a gzip header carry nothing: damage there changes no byte that anybody reads.
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        await checkDamaged(folder.path, good, at, bit);
      }),
      { numRuns: many * 4 },
    );
  });

  test('of a cut or a tail is a problem', async () => {
    using folder = scratchFolder();
    const made = await make(folder.path, (writer) => writer.add(fileEntry('top/f', 9000), Buffer.alloc(9000, 'x')));
    run('sh', ['-c', `head -c 60 ${made.archive} > ${folder.path}/cut`]);
    expect((await verifyArchive(join(folder.path, 'cut'))).ok).toBe(false);
    appendFileSync(join(folder.path, 'text'), 'no archive at all, only some text');
    expect((await verifyArchive(join(folder.path, 'text'))).problems).toEqual(['the file is neither gzip nor tar']);
    await expect(verifyArchive(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'NotFound' });
  });
});
