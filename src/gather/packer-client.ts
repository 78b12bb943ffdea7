import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Say } from '../archive/entry.ts';
import type { Timers } from '../kube/timers.ts';
import { sleep } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';
import { contentDigest } from './content-digest.ts';
import { TAKEN_OVER } from './ingest.ts';

/** What is sent: an object as JSON, or the bytes of a file from `start` to before `end`. */
export type PackerBody =
  | { readonly json: object }
  | { readonly file: string; readonly start: number; readonly end: number };

/** An answer that means something to the packer: 200, or 409 with the place to go on from. */
export type IngestAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type PackerClient = {
  /**
   * Asks until there is an answer: whatever the network, the server or the token's rotation do meanwhile. Rejects with
   * the signal's reason, and when the file cannot be read.
   */
  ask(method: 'POST' | 'PUT', path: string, body: PackerBody, signal: AbortSignal): Promise<IngestAnswer>;
  close(): void;
};

export type PackerClientOptions = {
  /** Of the server: `https://HOST:PORT`. */
  readonly url: string;
  /** PEM of the authority that its certificate must come from. */
  readonly ca: string;
  /** Read again for each request: projected tokens rotate. */
  readonly token: () => Promise<string>;
  readonly timers: Timers;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** Told when the server cannot be asked, and when it can be again. */
  readonly say: Say;
  /** Told of what every answer says of the gather. */
  readonly heard: (state: { readonly ended: boolean; readonly stop: string | undefined }) => void;
};

const SILENT_FOR_MS = 30_000;
/** An upload of a large record over a slow line; silence ends a request long before. */
const ANSWER_WITHIN_MS = 600_000;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
const LONGEST_ANSWER_BYTES = 64 * 1024;
const PIECE_BYTES = 1 << 18;

/** Speaks with the ingest service of `muster serve`, over connections that are kept. */
export function createPackerClient(options: PackerClientOptions): PackerClient {
  const { url, ca, token, timers, random, say, heard } = options;
  let agent = newAgent(ca);
  let isReached = true;

  const once = async (
    method: string,
    path: string,
    content: SentContent,
    signal: AbortSignal,
  ): Promise<IngestAnswer> => {
    const headers = { ...content.headers, authorization: `Bearer ${(await token()).trim()}` };
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const answer = await send(`${url}/ingest/${path}`, { method, headers, agent, signal: within }, content);
    heard({ ended: answer.body.ended === true, stop: textOf(answer.body.stop) });
    return answer;
  };
  const tell = (trouble: string | undefined) => {
    if (isReached === (trouble === undefined)) return;
    isReached = trouble === undefined;
    say(isReached ? 'the server answers again' : `the server cannot be asked: ${trouble}; trying on`);
  };
  /** An answer that ends the asking, or how long to wait before the next attempt. */
  const judge = (answer: IngestAnswer, delayMs: number, attempt: number): IngestAnswer | number => {
    const { status, body } = answer;
    if (status === 200 || (status === 409 && isFinal(answer))) {
      tell(undefined);
      return answer;
    }
    // The word that it is too early is no trouble.
    if (body.code !== 'NotReady') tell(`${status} ${textOf(body.message) ?? ''}`);
    if (status !== 421) return delayMs;
    // Another replica leads: a new connection may lead to it.
    agent.destroy();
    agent = newAgent(ca);
    return attempt === 0 ? 0 : delayMs;
  };

  return {
    async ask(method, path, body, signal) {
      const content = await contentOf(body, signal);
      for (let attempt = 0; ; attempt++) {
        signal.throwIfAborted();
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS) * (0.5 + random() / 2);
        const next = await once(method, path, content, signal).then(
          (answer) => judge(answer, delayMs, attempt),
          (error: unknown) => {
            signal.throwIfAborted();
            tell(messageOf(error));
            return delayMs;
          },
        );
        if (typeof next !== 'number') return next;
        await sleep(timers, next, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Once another way is taken nothing comes of asking again. */
const isFinal = ({ body }: IngestAnswer) => body.membersBytes !== undefined || body.stop === TAKEN_OVER;

const newAgent = (ca: string) => new Agent({ ca, keepAlive: true, maxSockets: 3 });
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

type SentContent = { readonly headers: Record<string, string | number>; readonly bytes: () => Readable | Buffer };

async function contentOf(body: PackerBody, signal: AbortSignal): Promise<SentContent> {
  if ('json' in body) {
    const bytes = Buffer.from(JSON.stringify(body.json));
    return { headers: { 'content-type': 'application/json', 'content-length': bytes.length }, bytes: () => bytes };
  }
  const { file, start, end } = body;
  // An empty stretch has no last byte that createReadStream could be told.
  const bytes = () =>
    end === start ? Buffer.alloc(0) : createReadStream(file, { start, end: end - 1, highWaterMark: PIECE_BYTES });
  // Read twice, from the page cache: 8 MiB for each upload under way would be most of the memory that a packer may take.
  const hash = createHash('sha256');
  const content = bytes();
  if (content instanceof Buffer) hash.update(content);
  else await pipeline(content, hash, { signal });
  return {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': end - start,
      'content-digest': contentDigest(hash.digest('hex')),
    },
    bytes,
  };
}

type SendOptions = {
  readonly method: string;
  readonly headers: Record<string, string | number>;
  readonly agent: Agent;
  readonly signal: AbortSignal;
};

function send(url: string, options: SendOptions, content: SentContent): Promise<IngestAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, timeout: SILENT_FOR_MS }, (answer) => {
      answerOf(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error(`the server was silent for ${SILENT_FOR_MS / 1000} s`)));
    const bytes = content.bytes();
    if (bytes instanceof Buffer) asked.end(bytes);
    // An answer that comes before all was sent counts; so the end of the sending is no matter of its own.
    else pipeline(bytes, asked).catch(reject);
  });
}

async function answerOf(answer: Readable): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of answer) {
    sizeBytes += piece.length;
    if (sizeBytes > LONGEST_ANSWER_BYTES) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  const body: unknown = JSON.parse(Buffer.concat(pieces).toString());
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
