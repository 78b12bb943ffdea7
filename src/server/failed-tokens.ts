import { realTimers, type Timers } from '../kube/timers.ts';

/** Counts refused tokens by where they come from. */
export type FailedTokens = {
  /** One more from this address. Returns in how many seconds it may try again when there were too many. */
  count(address: string): number | undefined;
};

const MOST_FAILURES = 20;
const WINDOW_MS = 60_000;
/** Beyond it the address that has been here longest is forgotten: memory is bounded, whoever calls. */
const MOST_ADDRESSES = 10_000;

type Window = { readonly fromMs: number; failures: number };

export function createFailedTokens(timers: Timers = realTimers): FailedTokens {
  const windows = new Map<string, Window>();
  return {
    count(address) {
      const key = networkOf(address);
      const nowMs = timers.now();
      let window = windows.get(key);
      if (window === undefined || nowMs - window.fromMs >= WINDOW_MS) {
        windows.delete(key);
        window = { fromMs: nowMs, failures: 0 };
        windows.set(key, window);
        const [oldest] = windows.keys();
        if (windows.size > MOST_ADDRESSES && oldest !== undefined) windows.delete(oldest);
      }
      window.failures += 1;
      if (window.failures <= MOST_FAILURES) return undefined;
      return Math.ceil((window.fromMs + WINDOW_MS - nowMs) / 1000);
    },
  };
}

/** An IPv4 address; of IPv6 the first 64 bits, since whoever has one address of a network has them all. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^.*:/, '');
  const [before = '', after = ''] = address.replace(/%.*$/, '').split('::');
  const head = before.split(':').filter(Boolean);
  const tail = after.split(':').filter(Boolean);
  const gap = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...gap, ...tail].slice(0, 4).join(':');
}
