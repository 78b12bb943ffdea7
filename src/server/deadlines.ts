import type { FastifyRequest } from 'fastify';

/** What is asked of the cluster for one request must be answered by then. */
const ANSWER_WITHIN_MS = 30_000;

/** For questions: they end with the caller's connection. */
export const whileAsked = ({ signal }: FastifyRequest) =>
  AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);

/** For changes: once begun they are brought to an end, whether or not the caller waits for it. */
export const untilDone = () => AbortSignal.timeout(ANSWER_WITHIN_MS);
