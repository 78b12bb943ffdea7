import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import { type ConfigMap, configMaps } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { backoffMs } from '../kube/retry.ts';
import { realTimers, sleep, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { isWorthTrying } from './what-next.ts';

/** The object that holds the last number given away. */
export const COUNTER_NAME = 'muster-report-numbers';
const KEY = 'last';

/** Gives each report a number that no other has: gaps are allowed, giving one twice is not. */
export type Numbers = { next(signal: AbortSignal): Promise<number> };

export type NumbersOptions = {
  readonly namespace: string;
  readonly timers?: Timers;
  readonly random?: () => number;
};

type Waiting = { readonly resolve: (number: number) => void; readonly reject: (error: unknown) => void };

/**
 * Numbers by compare-and-swap on one object, so any replica, leader or none, can take them. Those who ask at once in this
 * process share one write: two hundred callers cost two writes, not twenty thousand.
 */
export function createNumbers(kube: Kube, options: NumbersOptions): Numbers {
  const { namespace, timers = realTimers, random = Math.random } = options;
  let waiting: Waiting[] = [];
  let isTaking = false;

  const takeForAll = async () => {
    isTaking = true;
    while (waiting.length > 0) {
      const served = waiting;
      waiting = [];
      try {
        const last = await reserve(kube, { namespace, count: served.length, timers, random });
        for (const [index, { resolve }] of served.entries()) resolve(last - served.length + 1 + index);
      } catch (error) {
        for (const { reject } of served) reject(error);
      }
    }
    isTaking = false;
  };

  return {
    async next(signal) {
      signal.throwIfAborted();
      return await new Promise((resolve, reject) => {
        // Who gives up leaves a gap; the number may be on its way.
        const onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            signal.removeEventListener('abort', onAbort);
            settle(value);
          };
        waiting.push({ resolve: settled(resolve), reject: settled(reject) });
        if (!isTaking) void takeForAll();
      });
    },
  };
}

type Reservation = Required<NumbersOptions> & { readonly count: number };

const mostTries = 100;
const mostCreations = 5;

/** Moves the counter on by `count` and answers with its new value. */
async function reserve(kube: Kube, { namespace, count, timers, random }: Reservation): Promise<number> {
  for (let tries = 0; tries < mostTries; tries++) {
    try {
      const counter = await readCounter(kube, namespace);
      const last = Number(counter.data?.[KEY] ?? '0') + count;
      if (!Number.isSafeInteger(last)) throw brokenCounter(namespace, counter);
      const { resourceVersion } = counter.metadata;
      const change = { metadata: { resourceVersion }, data: { [KEY]: String(last) } };
      await kube.patch(configMaps, COUNTER_NAME, 'merge', change, { namespace });
      return last;
    } catch (error) {
      // Somebody else took numbers, or made the counter, in between.
      if (!isConflict(error) && !isAlreadyExists(error)) throw error;
      await sleep(timers, Math.min(1000, backoffMs(Math.min(tries, 3), random)));
    }
  }
  throw new MusterError('Internal', `no number could be had from ConfigMap ${namespace}/${COUNTER_NAME}`);
}

async function readCounter(kube: Kube, namespace: string): Promise<ConfigMap> {
  for (let creations = 1; ; creations++) {
    try {
      return await kube.get(configMaps, COUNTER_NAME, { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    try {
      return await kube.create(configMaps, { metadata: { name: COUNTER_NAME }, data: { [KEY]: '0' } }, { namespace });
    } catch (error) {
      // It may have been made all the same; as its name is fixed, it does no harm to ask for it again.
      if (creations === mostCreations || !isWorthTrying(error)) throw error;
    }
  }
}

function brokenCounter(namespace: string, { data }: ConfigMap): MusterError {
  const found = JSON.stringify(data?.[KEY] ?? null).slice(0, 40);
  const where = `ConfigMap ${namespace}/${COUNTER_NAME}`;
  return new MusterError('Internal', `${where} holds ${found} where the last number of a report should be`);
}
