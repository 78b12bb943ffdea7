import type { Readable } from 'node:stream';

/** Which archives are being fetched from this process: retention leaves them. */
export type Reading = {
  /** Counts the stream until it closes, and returns it. */
  count(reportUid: string, stream: Readable): Readable;
  isRead(reportUid: string): boolean;
};

export function createReading(): Reading {
  const counts = new Map<string, number>();
  return {
    count: (reportUid, stream) => {
      counts.set(reportUid, (counts.get(reportUid) ?? 0) + 1);
      return stream.once('close', () => {
        const left = (counts.get(reportUid) ?? 0) - 1;
        if (left > 0) counts.set(reportUid, left);
        else counts.delete(reportUid);
      });
    },
    isRead: (reportUid) => counts.has(reportUid),
  };
}
