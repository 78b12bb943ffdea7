import { request as askHttp, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { request as askHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';

/** A server that requests are passed on to, and the CA that it is known by. */
export type Target = { readonly url: string; readonly ca?: string };

export type ForwardOptions = {
  /** In whose name it is asked. */
  readonly token?: string;
  /** Laid over those of the answer. */
  readonly headers?: OutgoingHttpHeaders;
  /** Told the size of the answer's body as it was sent. */
  readonly onEnd?: (sizeBytes: number) => void;
};

/** What the console's backend keeps for itself. */
const KEPT = ['authorization', 'cookie', 'x-csrftoken', 'origin', 'host', 'connection'];

/** Passes a request on and its answer back, both as streams; whoever hangs up ends both. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { url, ca }: Target,
  path: string,
  { token, headers: more = {}, onEnd }: ForwardOptions,
): Promise<void> {
  const headers: OutgoingHttpHeaders = { ...request.headers };
  for (const name of KEPT) delete headers[name];
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const { method } = request;
  const target = new URL(path, url);
  const asked =
    target.protocol === 'https:'
      ? askHttps(target, { method, headers, ...(ca === undefined ? {} : { ca }) })
      : askHttp(target, { method, headers });
  response.on('close', () => asked.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
  const [answer] = await Promise.all([answered, pipeline(request, asked)]);
  let sizeBytes = 0;
  answer.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
  });
  response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...more });
  // The reader may leave at any time: a log that is followed, a watch.
  await pipeline(answer, response).catch(() => asked.destroy());
  onEnd?.(sizeBytes);
}
