import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from './entry.ts';
import { openPartRecord } from './part-record.ts';
import { createPartWriter, membersName, type Part, recordName } from './part-writer.ts';

/**
 * Finishes a part whose packer died, out of the members and the record that it left in `directory`: what the record
 * tells and the members hold whole is kept, the rest is left out.
 */
export async function salvagePart(directory: string, say: Say): Promise<Part> {
  const { size } = await stat(join(directory, membersName));
  const record = openPartRecord(join(directory, recordName));
  try {
    record.forgetBeyond(size);
  } finally {
    record.close();
  }
  const writer = await createPartWriter({ directory, say });
  try {
    return await writer.finish();
  } finally {
    await writer.close();
  }
}
