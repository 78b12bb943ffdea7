import { existsSync } from 'node:fs';
import { link, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENDED_FILE, STOP_FILE } from './wrapper.ts';

/** The folder that a packer shares with the wrapper of its gather (wrapper.ts). */
export type PackerControl = {
  /** Whether the gather's command has ended. */
  isEnded(): boolean;
  /** Has the wrapper stop the gather, unless it was told to already. */
  stop(reason: string): Promise<void>;
};

export function openPackerControl(directory: string): PackerControl {
  return {
    isEnded: () => existsSync(join(directory, ENDED_FILE)),
    async stop(reason) {
      const file = join(directory, STOP_FILE);
      if (existsSync(file)) return;
      const partial = `${file}.partial`;
      // Under its name only with its text in it. A link takes no place of one that came meanwhile, as a rename would.
      await writeFile(partial, reason);
      try {
        await link(partial, file);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}

/**
 * Says whether what a gather wrote is more than its share of what was free on the volume when it began. `writtenBytes` at
 * the first time count as free before.
 */
export function createDiskGuard(
  directory: string,
  percentage: number,
): { isAbove(writtenBytes: number): Promise<boolean>; limitBytes(): number } {
  let limitBytes: number | undefined;
  return {
    async isAbove(writtenBytes) {
      if (limitBytes === undefined) {
        const { bavail, bsize } = await statfs(directory);
        limitBytes = ((bavail * bsize + writtenBytes) * percentage) / 100;
      }
      return writtenBytes > limitBytes;
    },
    limitBytes: () => limitBytes ?? Number.POSITIVE_INFINITY,
  };
}
