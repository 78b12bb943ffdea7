import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Timers } from '../kube/timers.ts';
import type { Store } from '../store/store.ts';
import { logLine, type ReportLog } from './report-log.ts';
import { openStoredLog, readStoredLog, storedLogBytes } from './stored-log.ts';

/** All that a report says while it runs, Muster's words and the gathers' lines as they come, in oc's line shapes. */
export const outputFolder = (reportUid: string) => `logs/${reportUid}/output`;
/** Muster's own words alone: `must-gather.logs` in the archive. */
const ownFolder = (reportUid: string) => `logs/${reportUid}/report`;

/** The logs of one report of the service, in the store. */
export type ServiceLog = {
  /** Nobody wrote on it before. */
  readonly isNew: boolean;
  readonly report: ReportLog;
  /** Takes a line of a gather, with the kubelet's timestamp; one that was taken before, by another process, is passed over. */
  line(gatherName: string, line: string): void;
  /** Brings Muster's own words into a file. */
  fetchOwn(file: string): Promise<void>;
  close(): Promise<void>;
};

export type ServiceLogOptions = {
  readonly store: Store;
  readonly reportUid: string;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
};

export async function openServiceLog(options: ServiceLogOptions): Promise<ServiceLog> {
  const { store, reportUid, timers } = options;
  const isNew = (await storedLogBytes(store, outputFolder(reportUid))) === 0;
  const taken = isNew ? new Map<string, string>() : await lastLines(store, reportUid);
  const output = await openStoredLog({ ...options, folder: outputFolder(reportUid) });
  const own = await openStoredLog({ ...options, folder: ownFolder(reportUid) });
  const say = (text: string, source = 'must-gather') => {
    for (const line of text.split('\n')) {
      const written = logLine(source, 'OUT', `${new Date(timers.now()).toISOString()} ${line}`);
      output.write(written);
      own.write(written);
    }
  };
  return {
    isNew,
    report: {
      say,
      warn: say,
      plain: (text) => {
        output.write(`${text}\n`);
        own.write(`${text}\n`);
      },
    },
    line: (gatherName, line) => {
      const time = line.slice(0, Math.max(0, line.indexOf(' ')));
      if (time <= (taken.get(gatherName) ?? '')) return;
      output.write(logLine(gatherName, 'POD', line));
    },
    fetchOwn: async (file) => {
      await pipeline(Readable.from(readStoredLog(store, ownFolder(reportUid))), createWriteStream(file));
    },
    close: async () => {
      await output.close();
      await own.close();
    },
  };
}

const GATHER_LINE = /^\[(\S+) *\] POD (\S+) /;

/** When each gather's last line that was taken was written. */
async function lastLines(store: Store, reportUid: string): Promise<Map<string, string>> {
  const last = new Map<string, string>();
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of readStoredLog(store, outputFolder(reportUid))) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, gatherName, time] = GATHER_LINE.exec(line) ?? [];
      if (gatherName !== undefined && time !== undefined) last.set(gatherName, time);
    }
  }
  return last;
}
