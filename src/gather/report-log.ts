import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { destinationError } from '../archive/destination-error.ts';

export type NoteLevel = 'info' | 'warning';

/** The report's own log, `must-gather.logs` in the archive: what Muster did and met, in the line shapes of oc. */
export type ReportLog = {
  /** `source` is a gather's name; nothing for what concerns the whole report. */
  say(text: string, source?: string): void;
  /** The same, for what a person should see at once. */
  warn(text: string, source?: string): void;
  /** A line as it is, without source and time, for the file alone: the cluster summary. */
  plain(text: string): void;
};

/** The same in a file of this machine. */
export type FileReportLog = ReportLog & {
  readonly file: string;
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
};

export type ReportLogOptions = {
  readonly file: string;
  readonly now: () => Date;
  /** Told of each line as well. */
  readonly echo: (text: string, source: string | undefined, level: NoteLevel) => void;
};

/** A line as oc writes it, in a log of several sources. */
export const logLine = (source: string, kind: 'OUT' | 'POD', text: string) =>
  `[${source.padEnd(SOURCE_WIDTH)}] ${kind} ${text}\n`;

// As wide as oc's names of pods, so that columns line up: "[must-gather      ] OUT".
const SOURCE_WIDTH = 17;

export function openReportLog({ file, now, echo }: ReportLogOptions): FileReportLog {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o644 });
  const done = finished(stream);
  done.catch(() => undefined); // told by close(), where somebody listens
  const write = (level: NoteLevel) => (text: string, source?: string) => {
    for (const line of text.split('\n')) {
      stream.write(logLine(source ?? 'must-gather', 'OUT', `${now().toISOString()} ${line}`));
    }
    echo(text, source, level);
  };
  return {
    file,
    say: write('info'),
    warn: write('warning'),
    plain: (text) => {
      stream.write(`${text}\n`);
    },
    close: async () => {
      stream.end();
      await done.catch((error: unknown) => {
        throw destinationError(file, error);
      });
    },
  };
}
