import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPartWriter } from './part-writer.ts';
import { openArchive } from './read-archive.ts';
import { sealArchive } from './seal.ts';
import { bytesOf, fileEntry, make, run, scratchFolder, treeOf } from './test-support.ts';
import { verifyArchive } from './verify.ts';

const many = process.env.MUSTER_LONG ? 500 : 25;
const quiet = () => undefined;

describe('a part', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        op: fc.constant('add' as const),
        name: fc.nat(12),
        size: fc.nat(6000),
        fill: fc.nat(255),
      }),
    },
    fc.record({ op: fc.constant('drop' as const), name: fc.nat(12) }),
    fc.record({ op: fc.constant('link' as const), name: fc.nat(12), to: fc.nat(12) }),
    fc.record({ op: fc.constant('remove' as const), name: fc.nat(12) }),
    fc.record({ op: fc.constant('reopen' as const) }),
  );

  test('holds what was added last, however often files are replaced, dropped and the writer reopened', async () => {
    await fc.assert(
      // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one script, a line for each kind of step
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        using folder = scratchFolder();
        const directory = join(folder.path, 'part');
        const options = { directory, say: quiet, memberSizeBytes: 4096 };
        let writer = await createPartWriter(options);
        const wanted = new Map<string, Buffer>();
        const links = new Map<string, string>();
        const add = async (name: string) => {
          const bytes = wanted.get(name);
          if (bytes) await writer.add(fileEntry(name, bytes.length), bytes);
          else if (links.has(name))
            await writer.add({ ...fileEntry(name, 0), type: 'hardlink', linkTarget: links.get(name) });
        };
        for (const it of steps) {
          const name = 'name' in it ? `f${it.name}` : '';
          if (it.op === 'add') {
            wanted.set(name, Buffer.alloc(it.size, it.fill));
            await add(name);
          } else if (it.op === 'drop') {
            const again = await writer.drop([name]);
            expect(again.every((path) => writer.lookup(path) === undefined)).toBe(true);
            if (wanted.has(name)) expect(again).toContain(name);
            for (const path of again.filter((path) => wanted.has(path))) await add(path);
            for (const path of again.filter((path) => links.has(path))) await add(path);
          } else if (it.op === 'link' && wanted.has(`f${it.to}`)) {
            links.set(`l${it.name}`, `f${it.to}`);
            await add(`l${it.name}`);
          } else if (it.op === 'remove' && ![...links.values()].includes(name)) {
            wanted.delete(name);
            await writer.remove([name]);
          } else if (it.op === 'reopen') {
            const before = [...writer.entries('')];
            await writer.drop([]);
            await writer.close();
            const { packedBytes } = writer.stats();
            writer = await createPartWriter(options);
            expect([...writer.entries('')]).toEqual(before);
            expect(writer.stats().packedBytes).toBe(packedBytes);
          }
          const files = [...writer.entries('')].filter(({ type }) => type === 'file');
          const contentBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          expect(writer.stats()).toMatchObject({ files: files.length, contentBytes });
        }
        const part = await writer.finish();
        const destination = join(folder.path, 'a.tar.gz');
        await sealArchive({ parts: [part], generated: [], destination, mtimeMs: 0 });
        expect((await verifyArchive(destination)).problems).toEqual([]);
        const out = join(folder.path, 'out');
        mkdirSync(out);
        run('tar', ['-xzf', destination, '-C', out]);
        const expected = Object.fromEntries([...wanted].map(([name, bytes]) => [name, bytes.toString('base64')]));
        for (const [name, target] of links) expected[name] = wanted.get(target)?.toString('base64') ?? '';
        expect(treeOf(out)).toEqual(expected);
      }),
      { numRuns: many * 2 },
    );
  });

  test('says of content that is too short, too long or broken, and stays whole', async () => {
    using folder = scratchFolder();
    async function* broken() {
      yield Buffer.from('ab');
      throw new Error('gone away');
    }
    const made = await make(folder.path, async (writer) => {
      await writer.add(fileEntry('top/short', 10), Buffer.from('abc'));
      await writer.add(fileEntry('top/long', 2), Buffer.from('abc'));
      await writer.add(fileEntry('top/broken', 9000), broken());
    });
    expect(made.lines).toHaveLength(3);
    expect(made.lines.join('\n')).toMatch(/short.*7 bytes short[\s\S]*long.*grew[\s\S]*broken.*gone away/);
    const archive = await openArchive(made.archive);
    expect((await bytesOf(await archive.read('top/short'))).toString()).toBe('abc\0\0\0\0\0\0\0');
    await archive.close();
    expect((await verifyArchive(made.archive)).ok).toBe(true);
  });
});
