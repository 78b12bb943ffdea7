import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifyArchive } from '../../src/archive/verify.ts';
import { ask } from '../sandbox/service-world.ts';

// How every fault has to end: each report in a last phase, with its archive whole or a reason; and nothing left over.

/** A report as REST shows it. */
export type RestReport = Readonly<Record<string, unknown>>;

/** Waits until something holds; throws with what there is instead. For tests that run at once, which `expect.poll` is not. */
export async function until<T>(look: () => Promise<T>, holds: (found: T) => boolean, withinMs: number): Promise<T> {
  const lateAtMs = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (holds(found)) return found;
    if (Date.now() > lateAtMs) throw new Error(`still ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The report in its last phase. */
export async function untilOver(url: string, withinMs: number): Promise<RestReport> {
  const isOver = ({ status }: RestReport) => status === 'completed' || status === 'error';
  return await until<RestReport>(async () => (await ask(url)).body, isOver, withinMs);
}

/** Fetches its archive: it has the digest that was told, and can be read. `folder` is for the file. */
export async function expectWhole(report: RestReport, url: string, folder: string): Promise<void> {
  const bytes = Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer());
  expect(bytes.length).toBe(report['archive-size']);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(report['archive-sha256']);
  const file = join(folder, `fetched-${report.id}.tar.gz`);
  await writeFile(file, bytes);
  await verifyArchive(file);
  await rm(file);
}

export async function expectCompleted(report: RestReport, url: string, folder: string): Promise<void> {
  expect([report.id, report.phase, report.message]).toEqual([report.id, 'Completed', '']);
  await expectWhole(report, url, folder);
}

/** Files in a directory that is a store, and those that are not yet or no longer in it. */
export const filesInStore = (store: string) => filesBelow(join(store, 'objects'), join(store, 'temporary'));

/** Files in these folders and below; none for a folder that is not there. */
export async function filesBelow(...folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : Promise.reject(error)),
      );
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    }),
  );
  return found.flat();
}
