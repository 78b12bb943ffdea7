import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { KubeError, toMusterError } from '../kube/errors.ts';
import { MusterError } from '../report/errors.ts';

/** On every answer: what comes from here is data, to be neither run, framed, guessed at nor kept by a cache. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const JSON_TYPE = 'application/json; charset=utf-8';

export const sendJson = (reply: FastifyReply, value: unknown): FastifyReply =>
  reply.type(JSON_TYPE).send(JSON.stringify(value));

/** Answers with `{"code", "message"}` and the status of the code. */
export async function sendError(reply: FastifyReply, error: MusterError): Promise<FastifyReply> {
  if (error.httpStatus === 401) reply.header('www-authenticate', 'Bearer');
  return sendJson(reply.code(error.httpStatus).headers(securityHeaders), {
    code: error.code,
    message: error.message,
  });
}

/**
 * What the caller is told of anything that was thrown. Muster asks the cluster in its own name, so a refusal by the cluster
 * is no 401 or 403 of the caller's; what nobody foresaw is told without its text, which may name anything.
 */
export function errorForCaller(thrown: unknown): MusterError {
  if (thrown instanceof MusterError) return thrown;
  if (thrown instanceof KubeError) {
    if (thrown.status !== 401 && thrown.status !== 403) return toMusterError(thrown);
    return new MusterError('ClusterRefused', `The cluster does not let Muster do this: ${thrown.message}`, {
      cause: thrown,
    });
  }
  if (isNamed(thrown, 'TimeoutError')) {
    return new MusterError('ClusterUnreachable', 'The cluster did not answer in time.', { cause: thrown });
  }
  if (isNamed(thrown, 'AbortError')) return new MusterError('Interrupted', 'Interrupted.', { cause: thrown });
  return (
    fromFastify(thrown) ??
    new MusterError('Internal', 'Something went wrong inside Muster; its log tells more.', { cause: thrown })
  );
}

const isNamed = (thrown: unknown, name: string) => thrown instanceof Error && thrown.name === name;

/** Fastify's own refusals carry a status; their texts speak of the request alone. */
function fromFastify(thrown: unknown): MusterError | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || typeof thrown.statusCode !== 'number')
    return undefined;
  const { statusCode, message } = thrown;
  if (statusCode < 400 || statusCode > 499) return undefined;
  if (statusCode === 413) return new MusterError('TooLarge', message, { cause: thrown });
  if (statusCode === 415) return new MusterError('UnsupportedMediaType', message, { cause: thrown });
  return new MusterError('InvalidInput', message, { cause: thrown });
}

/** Answers what is no HTTP at all, or never became a whole request, and closes the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = BROKEN[error.code ?? ''] ?? ['400 Bad Request', 'This is no HTTP request.'];
  const body = JSON.stringify({ code: 'InvalidInput', message });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const BROKEN: Readonly<Record<string, readonly [string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too long.'],
};
