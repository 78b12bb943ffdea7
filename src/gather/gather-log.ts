import { createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { followLogs } from '../kube/logs.ts';
import { messageOf } from '../report/errors.ts';
import type { Attending } from './gather-context.ts';
import { GATHER_CONTAINER } from './pod.ts';
import { WRAPPER_MARK } from './wrapper.ts';

/** After a gather's end its log is there at once; a kubelet that does not answer must not hold the report. */
const LOG_PATIENCE_MS = 15_000;
/** Of one line, this much is shown to whoever watches; the file has it whole. */
const SHOWN_LINE_BYTES = 4096;

/** Follows the gather's log into `file`; `finish` waits for its last line, but not for ever. */
export function startLog(
  { context, request, pod, watch, say }: Attending,
  file: string,
): { finish: () => Promise<void> } {
  const enough = new AbortController();
  const { name = '', namespace = request.namespace } = pod.metadata;
  const chunks = followLogs(context.kube, {
    namespace,
    pod: name,
    container: GATHER_CONTAINER,
    timestamps: true,
    signal: AbortSignal.any([enough.signal, context.interrupt]),
    ended: () => ['ended', 'lost'].includes(watch.state().stage),
    timers: context.timers,
  });
  const show = (line: string) => {
    const text = line.slice(line.indexOf(' ') + 1);
    if (text.startsWith(WRAPPER_MARK)) context.log.warn(text.slice(WRAPPER_MARK.length), request.gatherName);
    context.observer.line(request.gatherName, line);
  };
  const kept = keepLog(chunks, file, show).catch((error: unknown) => {
    if (!context.interrupt.aborted) say(`the gather's log is not complete: ${messageOf(error)}`);
  });
  return {
    finish: async () => {
      const callOff = context.timers.after(LOG_PATIENCE_MS, () =>
        enough.abort(new Error(`the kubelet did not finish the log within ${LOG_PATIENCE_MS / 1000} s`)),
      );
      await kept;
      callOff();
    },
  };
}

/** Writes a gather's log to `file` as it comes, with back-pressure, and shows it line by line. */
async function keepLog(chunks: AsyncIterable<Buffer>, file: string, show: (line: string) => void): Promise<void> {
  const sink: Writable = createWriteStream(file, { flags: 'a', mode: 0o644 });
  await pipeline(chunks as unknown as Readable, lineTap(show), sink);
}

/** Passes bytes on unchanged, and tells of each line: its first few KiB, so that a line of any length costs no memory. */
export function lineTap(show: (line: string) => void): Transform {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (piece: Buffer) => {
    // A copy, so that of a chunk that goes by no more is kept than what will be shown.
    if (heldBytes < SHOWN_LINE_BYTES) held.push(Buffer.from(piece.subarray(0, SHOWN_LINE_BYTES - heldBytes)));
    heldBytes += piece.length;
  };
  const release = () => {
    const more = heldBytes > SHOWN_LINE_BYTES ? ` … (${heldBytes} bytes)` : '';
    show(Buffer.concat(held).toString().trimEnd() + more);
    held = [];
    heldBytes = 0;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        hold(chunk.subarray(start, end));
        release();
        start = end + 1;
      }
      if (start < chunk.length) hold(chunk.subarray(start));
      done(null, chunk);
    },
    flush(done) {
      if (heldBytes > 0) release();
      done();
    },
  });
}
