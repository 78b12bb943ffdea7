import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { fromProtobuf } from './protobuf.ts';
import { badRequest, Refusal, unsupported } from './status.ts';

// etcd's own limit on a request, which the real API server passes on.
const limitBytes = 3 * 2 ** 20;

/**
 * A request's body, `undefined` where there is none: JSON, YAML or Protobuf. Throws a 400 for what cannot be read, a 415 for other
 * formats, and a 413 above 3 MiB.
 */
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
  const read = readerOf(contentType);
  if (read === undefined) throw unsupported(`the sandbox reads JSON, YAML and Protobuf, not ${contentType}`);
  try {
    return read(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw badRequest(`the body is no ${contentType}: ${String(error)}`);
  }
}

function readerOf(contentType: string): ((body: Buffer) => unknown) | undefined {
  if (/^application\/([a-z-]+\+)?json\b/.test(contentType)) return (body) => JSON.parse(body.toString());
  // Times stay text, as they do where YAML is first turned into JSON; aliases may not multiply without end.
  if (/^application\/([a-z-]+\+)?yaml\b/.test(contentType))
    return (body) => parse(body.toString(), { schema: 'core', maxAliasCount: 100 });
  return contentType.startsWith('application/vnd.kubernetes.protobuf') ? fromProtobuf : undefined;
}
