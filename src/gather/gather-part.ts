import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Say } from '../archive/entry.ts';
import { packTar } from '../archive/pack-tar.ts';
import type { Part, PartWriter } from '../archive/part-writer.ts';
import { createPartWriter } from '../archive/part-writer.ts';
import { unfoldLoneTar } from '../archive/unfold-lone-tar.ts';
import { messageOf } from '../report/errors.ts';
import type { CopySink } from './collector.ts';
import type { EventPage } from './events.ts';

/** A lone tar inside is unfolded up to this size; the disk guard held its packed form against a limit before. */
const UNFOLD_LIMIT_BYTES = 64 * 2 ** 30;

/** The part of the archive that one gather fills, below a folder of its own. */
export type GatherPart = {
  readonly sink: CopySink;
  counts(): { files: number; bytes: number };
  /** Unfolds a tar that is all there is: some gather images pack what they gathered themselves. */
  unfold(): Promise<void>;
  /** Closes the part, with the gather's own log in it where it is given; its events go to the page. */
  finish(logFile?: string): Promise<Part>;
  /** Lets go of its files on disk, finished or not. */
  close(): Promise<void>;
};

export type GatherPartOptions = {
  /** On this machine. */
  readonly directory: string;
  /** In the archive. */
  readonly folder: string;
  readonly say: Say;
  readonly events: EventPage;
};

const LOG_NAME = 'gather.logs';

export async function openGatherPart({ directory, folder, say, events }: GatherPartOptions): Promise<GatherPart> {
  const writer = await createPartWriter({ directory, say });
  const inFolder = (path: string) => `${folder}/${path}`;
  return {
    sink: copySink(writer, folder, say),
    counts: () => {
      const { files, contentBytes } = writer.stats();
      return { files, bytes: contentBytes };
    },
    unfold: async () => {
      await unfoldLoneTar(writer, { prefix: folder, limitBytes: UNFOLD_LIMIT_BYTES, say });
    },
    finish: async (logFile) => {
      if (logFile !== undefined) await addFile(writer, inFolder(LOG_NAME), logFile, say);
      for (const { path } of writer.entries(folder)) {
        if (path.endsWith('/events.yaml')) await events.add(path, await writer.read(path));
      }
      return await writer.finish();
    },
    close: () => writer.close(),
  };
}

function copySink(writer: PartWriter, folder: string, say: Say): CopySink {
  return {
    take: async (stream, done) => {
      await packTar(stream, writer, { prefix: folder, say, onDone: done });
    },
    drop: async (paths) => {
      const again = await writer.drop([...paths].map((path) => `${folder}/${path}`));
      return again.map((path) => path.slice(folder.length + 1));
    },
  };
}

async function addFile(writer: PartWriter, path: string, file: string, say: Say): Promise<void> {
  try {
    const { size, mtimeMs } = await stat(file);
    await writer.add({ path, type: 'file', sizeBytes: size, mode: 0o644, mtimeMs }, createReadStream(file));
  } catch (error) {
    say(`${LOG_NAME} could not be packed: ${messageOf(error)}`);
  }
}
