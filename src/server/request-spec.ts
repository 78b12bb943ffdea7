import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { invalidInput } from '../report/refusal.ts';
import { specFromJson, specFromPairs } from '../report/rest-request.ts';
import type { Spec } from '../report/spec.ts';

// Other media types get 415. Bodies are read whole, so the server's limit bounds them.

/** Has the server read JSON, and forms as `URLSearchParams`. A body of JSON without a byte is `undefined`. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => {
      const text = textOf(body);
      return text.trim() === '' ? undefined : jsonOf(text);
    },
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => new URLSearchParams(textOf(body)),
  );
}

/** The spec that a POST asks for, from JSON, or from a form together with the query. Throws MusterError (400). */
export function specOfRequest(request: FastifyRequest): Spec {
  const query = queryOf(request);
  const { body } = request;
  if (body instanceof URLSearchParams) return specFromPairs([...query, ...body]);
  if (request.headers['content-type'] === undefined) return specFromPairs(query);
  if (body === undefined) throw invalidInput('', 'the body is empty; send {} for a report of everything');
  const [first] = query.keys();
  if (first !== undefined) throw invalidInput(first.slice(0, 100), 'a request in JSON has its keys in the body only');
  return specFromJson(body);
}

/** The query of a request as it was sent. */
export function queryOf({ url }: FastifyRequest): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new MusterError('InvalidInput', 'the body is no UTF-8', { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MusterError('InvalidInput', 'the body is no JSON', { cause });
  }
}
