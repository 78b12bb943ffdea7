import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Call, Subresource } from '../api.ts';
import { wholeNumber } from '../reading.ts';
import { badRequest } from '../status.ts';
import type { LogEntry } from './container-log.ts';
import type { Kubelet } from './kubelet.ts';

type LogQuery = {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly since: string;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
};

/** `pods/log`: the log of one container, of its run before with `previous`. */
export function podLog(kubelet: () => Kubelet): Subresource {
  return {
    verbs: ['get'],
    async answer(call, response) {
      const asked = queryOf(call, kubelet().now());
      const previous = isTrue(call.query, 'previous');
      const log = kubelet().logOf(call.target, { container: call.query.get('container') ?? '', previous });
      response.writeHead(200, { 'content-type': 'text/plain' });
      // A reader of a log that is silent wants to know that it is heard.
      response.flushHeaders();
      const closed = new AbortController();
      response.once('close', () => closed.abort());
      const { signal } = closed;
      try {
        const skipped = log && asked.tailLines !== undefined ? await linesBeforeTail(log, asked, signal) : 0;
        if (log)
          await send(response, chosen(log.entries({ follow: asked.follow, signal }), asked, skipped), asked, signal);
        response.end();
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      return undefined;
    },
  };
}

type Log = NonNullable<ReturnType<Kubelet['logOf']>>;
const isTrue = (query: URLSearchParams, name: string) => ['true', '1'].includes(query.get(name) ?? '');

function queryOf({ query }: Call, nowMs: number): LogQuery {
  const sinceSeconds = wholeNumber(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  if (sinceTime !== null && Number.isNaN(Date.parse(sinceTime))) throw badRequest('sinceTime is no time');
  const since = sinceSeconds === undefined ? sinceTime : new Date(nowMs - sinceSeconds * 1000).toISOString();
  return {
    follow: isTrue(query, 'follow'),
    timestamps: isTrue(query, 'timestamps'),
    since: since === null ? '' : comparable(since),
    tailLines: wholeNumber(query, 'tailLines'),
    limitBytes: wholeNumber(query, 'limitBytes'),
  };
}

/** A time as the log spells it, so that texts sort as times do. */
function comparable(time: string): string {
  const seconds = new Date(time).toISOString().slice(0, 19);
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return `${seconds}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

async function linesBeforeTail(log: Log, { since, tailLines = 0 }: LogQuery, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const { isFull, time } of log.entries({ follow: false, signal })) if (isFull && time >= since) count++;
  return Math.max(0, count - tailLines);
}

async function* chosen(entries: AsyncIterable<LogEntry>, { since }: LogQuery, skipped: number) {
  let left = skipped;
  for await (const entry of entries) {
    if (entry.time < since) continue;
    if (left === 0) yield entry;
    else if (entry.isFull) left--;
  }
}

async function send(
  response: ServerResponse,
  entries: AsyncIterable<LogEntry>,
  { timestamps, limitBytes = Number.POSITIVE_INFINITY }: LogQuery,
  signal: AbortSignal,
): Promise<void> {
  let sentBytes = 0;
  let atLineStart = true;
  for await (const { time, text, isFull } of entries) {
    const stamp = timestamps && atLineStart ? `${time} ` : '';
    const bytes = Buffer.concat([Buffer.from(stamp), text, Buffer.from(isFull ? '\n' : '')]);
    atLineStart = isFull;
    const allowed = bytes.subarray(0, Math.max(0, limitBytes - sentBytes));
    sentBytes += bytes.length;
    if (allowed.length > 0 && !response.write(allowed)) await once(response, 'drain', { signal });
    if (sentBytes >= limitBytes) return;
  }
}
