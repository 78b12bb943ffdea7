/**
 * What was already delivered of a log, so that a stream that begins again at an earlier second goes on where the last
 * one broke off. The kubelet writes `TIMESTAMP TEXT\n` with a timestamp for each line, in nanoseconds; the API's
 * `sinceTime` knows whole seconds only, so the resumed stream repeats up to two, and that is left out here.
 */

const newline = 10;
const space = 32;
// RFC 3339 with nanoseconds and an offset has 35 bytes. What has no space by then is not a line of the log.
const longestTimestampBytes = 40;
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
// Lines whose stdout and stderr stamps are out of order lie microseconds apart; this many lines cover far more.
const rememberedLines = 4096;
// A line may be stamped a little before the one above it. Without some overlap the API would leave it out where the two
// lie on both sides of a whole second (found by 5,000 random logs).
const disorderMs = 1000;

export type LogResume = {
  /** The new bytes of a chunk, without what was delivered before. */
  take(chunk: Buffer): Buffer;
  /** What the kubelet said itself, where a line of the log should be: it gave up on this stream. */
  complaint(): string | undefined;
  /** Whether this stream held a line of the log, new or not. */
  sawLine(): boolean;
  /** Call before the first chunk of each new stream. */
  reconnect(): void;
  /** Ask for the log from here on; undefined while nothing was delivered. */
  sinceTime(): string | undefined;
};

type Line = { readonly timestamp: string; bodyBytes: number; finished: boolean };

export function resumeLog({ keepTimestamps }: { keepTimestamps: boolean }): LogResume {
  const remembered: Line[] = [];
  let forgotten = '';
  /** While catching up: how often each remembered timestamp is still expected, and the last line, where it ends. */
  let expected: Map<string, number> | undefined;
  let prefix = Buffer.alloc(0);
  let line: Line | undefined;
  let skipBytes = 0;
  let sawLine = false;
  let notALog: string | undefined;

  const remember = (timestamp: string): Line => {
    const entry = { timestamp, bodyBytes: 0, finished: false };
    remembered.push(entry);
    if (remembered.length >= 2 * rememberedLines) {
      for (const dropped of remembered.splice(0, rememberedLines)) {
        if (compareTimestamps(dropped.timestamp, forgotten) > 0) forgotten = dropped.timestamp;
      }
    }
    return entry;
  };

  /** Whether a line was delivered before; `Infinity` leaves it out, a number leaves out that much of its text. */
  const deliveredBytes = (timestamp: string, awaited: Map<string, number>): number | undefined => {
    const last = remembered.at(-1);
    const count = awaited.get(timestamp) ?? 0;
    if (last === undefined || count === 0) {
      return compareTimestamps(timestamp, forgotten) <= 0 ? Number.POSITIVE_INFINITY : undefined;
    }
    awaited.set(timestamp, count - 1);
    if (timestamp !== last.timestamp || count > 1) return Number.POSITIVE_INFINITY;
    // A log only ever grows at its end: behind the last line that was delivered everything is new.
    expected = undefined;
    line = last;
    return last.finished ? Number.POSITIVE_INFINITY : last.bodyBytes;
  };

  /** Decides on a line by its timestamp: left out, carried on within, or new. Returns what of its start is to be said. */
  const begin = (timestamp: string): Buffer | undefined => {
    sawLine = true;
    const before = expected === undefined ? undefined : deliveredBytes(timestamp, expected);
    skipBytes = before ?? 0;
    if (before !== undefined) {
      line ??= { timestamp, bodyBytes: 0, finished: true };
      return undefined;
    }
    line = remember(timestamp);
    return keepTimestamps ? Buffer.from(`${timestamp} `) : undefined;
  };

  /** Takes the timestamp from the chunk at `at`, perhaps only a piece of it; returns where the text begins. */
  const takePrefix = (chunk: Buffer, at: number, out: Buffer[]): number => {
    const end = chunk.indexOf(space, at);
    const stop = end === -1 ? chunk.length : end;
    prefix = Buffer.concat([prefix, chunk.subarray(at, Math.min(stop, at + longestTimestampBytes + 1))]);
    const isWhole = end !== -1;
    if (prefix.length > longestTimestampBytes || prefix.includes(newline) || (isWhole && !isTimestamp(prefix))) {
      notALog = `${prefix.toString('utf8')}${chunk.subarray(stop, stop + 300).toString('utf8')}`.trim();
      return chunk.length;
    }
    if (!isWhole) return chunk.length;
    const said = begin(prefix.toString('latin1'));
    if (said !== undefined) out.push(said);
    prefix = Buffer.alloc(0);
    return end + 1;
  };

  const takeBody = (chunk: Buffer, at: number, current: Line, out: Buffer[]): number => {
    const end = chunk.indexOf(newline, at);
    const stop = end === -1 ? chunk.length : end + 1;
    const from = Math.min(stop, at + skipBytes);
    skipBytes -= from - at;
    if (from < stop) {
      out.push(chunk.subarray(from, stop));
      current.bodyBytes += stop - from;
    }
    if (end !== -1) {
      current.finished = true;
      line = undefined;
    }
    return stop;
  };

  return {
    take: (chunk) => {
      const out: Buffer[] = [];
      for (let at = 0; at < chunk.length && notALog === undefined; ) {
        at = line === undefined ? takePrefix(chunk, at, out) : takeBody(chunk, at, line, out);
      }
      return out.length === 1 ? (out[0] ?? chunk) : Buffer.concat(out);
    },
    reconnect: () => {
      prefix = Buffer.alloc(0);
      line = undefined;
      sawLine = false;
      notALog = undefined;
      if (remembered.length === 0) return;
      expected = new Map();
      for (const { timestamp } of remembered) expected.set(timestamp, (expected.get(timestamp) ?? 0) + 1);
    },
    complaint: () => notALog,
    sawLine: () => sawLine,
    sinceTime: () => {
      const last = remembered.at(-1);
      if (last === undefined) return undefined;
      return `${new Date(Date.parse(last.timestamp) - disorderMs).toISOString().slice(0, 19)}Z`;
    },
  };
}

function isTimestamp(bytes: Buffer): boolean {
  return timestampForm.test(bytes.toString('latin1'));
}

/** Text order is time order for stamps of one form, which is all but always; others are parsed, to the millisecond. */
function compareTimestamps(a: string, b: string): number {
  if (a.length === b.length && a.slice(-6).replace(/^\d+/, '') === b.slice(-6).replace(/^\d+/, '')) {
    return a < b ? -1 : Number(a > b);
  }
  return (b === '' ? 1 : Date.parse(a) - Date.parse(b)) || 0;
}
