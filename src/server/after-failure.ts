import type { FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { createFailedTokens } from './failed-tokens.ts';
import type { Metrics } from './metrics.ts';

/** What to tell of an error; `bringsToken`: who calls tried a token, and may be guessing. */
export type AfterFailure = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  bringsToken: boolean,
) => unknown;

/**
 * What a caller who was not let in is told: the error itself, or 429 when too many tokens from that address were refused.
 * Each token is looked at all the same: behind a router all callers have one address, and a good token passes.
 */
export function createAfterFailure(metrics: Pick<Metrics, 'tokenFailed'>): AfterFailure {
  const failedTokens = createFailedTokens();
  return (error, request, reply, bringsToken) => {
    const isToken = error instanceof MusterError && error.code === 'CredentialsRejected';
    // Who brings none guesses none.
    if (!isToken || !bringsToken) return error;
    metrics.tokenFailed();
    const waitS = failedTokens.count(request.ip);
    if (waitS === undefined) return error;
    reply.header('retry-after', String(waitS));
    return new MusterError('TooManyRequests', `More than 20 tokens from this address were refused; wait ${waitS} s.`);
  };
}
