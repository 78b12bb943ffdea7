// Apart from the schemas, so that the pages carry the words and not what checks them.

/** What becomes of one report, in order: a later one is never followed by an earlier one; the last four are final. */
export const PHASES = ['New', 'Gathering', 'Packing', 'Completed', 'Partial', 'Failed', 'Cancelled'] as const;

/**
 * What becomes of one gather.
 * - `Waiting`: planned; no pod yet, four run at a time.
 * - `Starting`: its pod is being placed, its image pulled, its containers made.
 * - `Running`: its command runs.
 * - `Packing`: its command ended; what it wrote is being brought out and packed.
 * - `Done`: the command ended by itself with 0 and all that it wrote is in the archive.
 * - `Partial`: something was kept, and something is missing: the command was stopped (Timeout, DiskLimit, …) or not all
 *   of what it wrote could be brought out.
 * - `Failed`: the command ended with another code than 0 (what it wrote is kept all the same: see `files`), or nothing
 *   could be had of it.
 * - `Cancelled`: a person stopped it; what it wrote until then is kept.
 */
export const GATHER_PHASES = [
  'Waiting',
  'Starting',
  'Running',
  'Packing',
  'Done',
  'Partial',
  'Failed',
  'Cancelled',
] as const;
