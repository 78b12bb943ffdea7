import { destinationError } from './destination-error.ts';
import { openPartRecord } from './part-record.ts';

/**
 * Makes the record of a part that never was finished fit to the first `membersBytes` of its members, which are all that
 * is there: what lies beyond is forgotten, and so are hard links, which come at the end of a part. A finished part stays
 * as it is. Answers with the number of entries that were forgotten.
 */
export function cutPart(recordFile: string, membersBytes: number): number {
  try {
    const record = openPartRecord(recordFile);
    try {
      return record.cutAt(membersBytes);
    } finally {
      record.close();
    }
  } catch (error) {
    throw destinationError(recordFile, error);
  }
}
