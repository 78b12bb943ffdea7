import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { PartRecord } from './part-record.ts';
import { readRun } from './run-reader.ts';
import type { RunWriter } from './run-writer.ts';

/**
 * Packs again what still counts in members of which some entries were replaced or removed. Once, at the end: the cost
 * is one pass over the part at most, however often an entry was replaced.
 */
export async function rescueWornRuns(record: PartRecord, runs: RunWriter, handle: FileHandle): Promise<void> {
  for (const run of record.wornRuns()) {
    const members = [...record.members(run)];
    for (const { entry, offset } of record.entriesOf(run)) {
      const content = entry.sizeBytes === 0 ? Readable.from([]) : readRun(handle, members, offset, entry.sizeBytes);
      await runs.add(entry, content);
    }
    record.dropRun(run);
  }
}
