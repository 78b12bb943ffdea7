import type { FastifyInstance } from 'fastify';
import { orAborted } from '../kube/abort.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { sendJson } from './answer.ts';
import { heldFor } from './held.ts';
import { addResource } from './resource.ts';

/** One thing that Muster needs to do its work. Anybody may read name and message: neither may hold a secret. */
export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly message: string };

/** What Muster needs, asked for anew: caches synced, store writable, cluster reachable. */
export type Ready = (signal: AbortSignal) => Promise<readonly ReadyCheck[]>;

const CHECKED_WITHIN_MS = 5000;
/** Whoever asks more often gets the same answer: nobody needs a token for this, and each check asks the cluster. */
const HELD_MS = 1000;

/** `/healthz`: the process lives. `/readyz`: what Muster needs is there, else 503 and what is missing. */
export function addHealthRoutes(app: FastifyInstance, ready: Ready): void {
  const held = heldFor(HELD_MS, () => checked(ready));
  addResource(
    app,
    '/healthz',
    { GET: async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n') },
    { isOpen: true },
  );
  addResource(
    app,
    '/readyz',
    {
      GET: async (_request, reply) => {
        const checks = await held();
        const missing = checks.filter(({ ok }) => !ok);
        const isReady = missing.length === 0;
        const error = new MusterError('NotReady', missing.map(({ name, message }) => `${name}: ${message}`).join('; '));
        const told = isReady ? { ready: true, checks } : { code: error.code, message: error.message, checks };
        return sendJson(reply.code(isReady ? 200 : error.httpStatus), told);
      },
    },
    { isOpen: true },
  );
}

async function checked(ready: Ready): Promise<readonly ReadyCheck[]> {
  try {
    const signal = AbortSignal.timeout(CHECKED_WITHIN_MS);
    return await orAborted(ready(signal), signal);
  } catch (error) {
    return [{ name: 'checks', ok: false, message: messageOf(error) }];
  }
}
