import type { IncomingMessage } from 'node:http';
import { badRequest, Refusal, unsupported } from './status.ts';

// etcd's own limit on a request, which the real API server passes on.
const limitBytes = 3 * 2 ** 20;

/** A request's body as JSON, `undefined` where there is none; throws a 400, for other formats a 415, above 3 MiB a 413. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes)
      throw new Refusal(413, 'RequestEntityTooLarge', `the body is above ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  if (sizeBytes === 0) return undefined;
  const contentType = request.headers['content-type'] ?? 'application/json';
  if (!/^application\/([a-z-]+\+)?json\b/.test(contentType))
    throw unsupported(`the sandbox reads JSON, not ${contentType}`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`the body is no JSON: ${String(error)}`);
  }
}
