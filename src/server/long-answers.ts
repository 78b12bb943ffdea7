import type { FastifyInstance, FastifyRequest } from 'fastify';
import { realTimers, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import type { Access } from './access.ts';

/** Answers that go on for as long as something happens: logs that are followed, events. */
export type LongAnswers = {
  /**
   * Passes on what `source` yields. Its signal is aborted when the caller has gone, when the service ends, and within a
   * minute after the caller lost their rights.
   */
  stream(request: FastifyRequest, source: (signal: AbortSignal) => AsyncIterable<string>): AsyncGenerator<string>;
};

export type LongAnswersOptions = {
  readonly access: Access;
  readonly onFailure: (error: unknown, request: FastifyRequest) => void;
  readonly timers?: Timers;
};

/** A right that was taken away is felt in a long answer after that. */
const ASKED_AGAIN_MS = 60_000;

export function createLongAnswers(
  app: FastifyInstance,
  { access, onFailure, timers = realTimers }: LongAnswersOptions,
): LongAnswers {
  const closing = new AbortController();
  app.addHook('preClose', async () => {
    closing.abort(new MusterError('Interrupted', 'The service ends.'));
  });
  return {
    async *stream(request, source) {
      const own = new AbortController();
      const signal = AbortSignal.any([request.signal, closing.signal, own.signal]);
      const stopAsking = askAgain(access, request, own, timers);
      let hasBegun = false;
      try {
        for await (const text of source(signal)) {
          yield text;
          hasBegun = true;
        }
      } catch (error) {
        // Who ended it knows. The rest shows to the caller as a cut connection, and only the log can tell why.
        if (hasBegun && !signal.aborted) onFailure(error, request);
        throw error;
      } finally {
        stopAsking();
        own.abort(new MusterError('Interrupted', 'The answer has ended.'));
      }
    },
  };
}

/** Asks every minute whether the caller still may; only a refusal ends the answer, no trouble with asking. */
function askAgain(access: Access, request: FastifyRequest, own: AbortController, timers: Timers): () => void {
  let callOff: (() => void) | undefined;
  const wait = () => {
    callOff = timers.after(ASKED_AGAIN_MS, () => void ask());
  };
  const ask = async () => {
    try {
      await access.authorize(request.headers, own.signal);
    } catch (error) {
      const isRefused = error instanceof MusterError && [401, 403].includes(error.httpStatus);
      if (isRefused) own.abort(error);
    }
    if (!own.signal.aborted) wait();
  };
  wait();
  return () => callOff?.();
}
