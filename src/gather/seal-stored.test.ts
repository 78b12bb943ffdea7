import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPartWriter, type Part } from '../archive/part-writer.ts';
import { openArchive } from '../archive/read-archive.ts';
import { verifyArchive } from '../archive/verify.ts';
import { openDirectoryStore } from '../store/directory-store.ts';
import type { Store } from '../store/store.ts';
import { type SealedPart, sealStored } from './seal-stored.ts';
import { salvageStoredPart, storePart } from './stored-part.ts';

const never = new AbortController().signal;

describe('sealing in the store', () => {
  let folder: string;
  let store: Store;
  let made = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seal-stored-'));
    store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  type Files = Readonly<Record<string, Uint8Array>>;
  const packed = async (top: string, files: Files, replaced: readonly string[]): Promise<Part> => {
    const directory = join(folder, `part-${++made}`);
    const writer = await createPartWriter({ directory, say: () => undefined, memberSizeBytes: 2048 });
    const add = (name: string, bytes: Uint8Array) =>
      writer.add({ path: `${top}/${name}`, type: 'file', sizeBytes: bytes.length, mode: 0o644, mtimeMs: 0 }, bytes);
    // What is packed twice leaves members behind that the archive must not have.
    for (const name of replaced) await add(name, Buffer.from('before'));
    for (const [name, bytes] of Object.entries(files)) await add(name, bytes);
    for (const name of replaced.filter((each) => files[each] === undefined)) await writer.remove([`${top}/${name}`]);
    return await writer.finish();
  };
  const contentsOf = async (key: string): Promise<Record<string, string>> => {
    const file = join(folder, 'store', 'objects', key);
    await verifyArchive(file);
    const archive = await openArchive(file);
    try {
      const found: Record<string, string> = {};
      for await (const { path, type } of archive.entries()) {
        if (type !== 'file') continue;
        const chunks = await Array.fromAsync(await archive.read(path));
        found[path] = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString('base64');
      }
      return found;
    } finally {
      await archive.close();
    }
  };
  const seal = async (parts: readonly SealedPart[]) => {
    const key = `archives/${++made}/a.tar.gz`;
    const workDirectory = join(folder, `work-${made}`);
    await mkdir(workDirectory);
    const generated = [{ path: 'top/timestamp', content: 'now' }];
    const sealed = await sealStored({ store, key, parts, generated, workDirectory, mtimeMs: 0, signal: never });
    return { key, sealed };
  };

  it('gives every file of every part, uploaded or at hand, and nothing else', { timeout: 60_000 }, async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const files = fc.dictionary(name, fc.uint8Array({ maxLength: 6000 }), { maxKeys: 12 });
    const part = fc.record({ files, replaced: fc.array(name, { maxLength: 4 }), isUploaded: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 3 }), async (parts) => {
        const sealedParts: SealedPart[] = [];
        const expected: Record<string, string> = { 'top/timestamp': Buffer.from('now').toString('base64') };
        for (const [place, { files, replaced, isUploaded }] of parts.entries()) {
          const finished = await packed(`top/${place}`, files, replaced);
          for (const [path, bytes] of Object.entries(files)) {
            expected[`top/${place}/${path}`] = Buffer.from(bytes).toString('base64');
          }
          const at = `parts/${++made}/one`;
          if (isUploaded) await storePart(store, at, finished, never);
          sealedParts.push(isUploaded ? { folder: at } : finished);
        }
        const { key, sealed } = await seal(sealedParts);
        expect(await contentsOf(key)).toEqual(expected);
        expect(sealed.files).toBe(Object.keys(expected).length);
      }),
      { numRuns: process.env.MUSTER_LONG === undefined ? 25 : 500 },
    );
  });

  it('keeps what had arrived whole of a part that was cut, and says nothing of the rest', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_value, index) => [`f${index}`, Buffer.alloc(1500, `${index} `)]),
    );
    const finished = await packed('top/cut', files, []);
    const at = `parts/${++made}/cut`;
    await storePart(store, at, finished, never);
    const [first] = await store.list(`${at}/members`);
    const bytes = Buffer.concat(await Array.fromAsync(await store.read(first?.key ?? '')));
    await store.put(first?.key ?? '', Readable.from([bytes.subarray(0, bytes.length / 2)]));
    const salvaged = await salvageStoredPart(store, at, join(folder, `salvaged-${made}`), () => undefined);
    const { key } = await seal(salvaged === undefined ? [] : [salvaged]);
    const found = Object.entries(await contentsOf(key)).filter(([path]) => path.startsWith('top/cut/'));
    expect([found.length > 5, found.length < 40]).toEqual([true, true]);
    for (const [path, content] of found) {
      expect(content).toBe(files[path.slice('top/cut/'.length)]?.toString('base64'));
    }
  });

  it('refuses a part whose members lack, and leaves nothing', async () => {
    const finished = await packed('top/lacking', { a: Buffer.alloc(100_000, 'a'), b: Buffer.alloc(9000, 'b') }, []);
    const at = `parts/${++made}/lacking`;
    await storePart(store, at, finished, never);
    await store.removeFolder(`${at}/members`);
    await expect(seal([{ folder: at }])).rejects.toThrow(/the part ends at byte 0/);
    expect(await store.list(`archives/${made}`)).toEqual([]);
    expect(await salvageStoredPart(store, `parts/none/none`, join(folder, 'none'), () => undefined)).toBeUndefined();
  });
});
