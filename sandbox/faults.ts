/** What may happen to a request instead of, or on the way to, its answer. */
export type Fault =
  /** Answered with a Status: a conflict (writes only), too many requests, or a server that is unwell. */
  | { readonly kind: 'refuse'; readonly code: 409 | 429 | 500 | 503; readonly retryAfterSeconds?: number }
  /** The connection is reset before the first byte of an answer; what was asked is not done. */
  | { readonly kind: 'reset' }
  /** It is done, but the connection ends somewhere in the answer: within a body, or within a line of a watch. */
  | { readonly kind: 'cut' }
  /** Done and answered, so much later. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** Never answered; the connection stays open until the client gives up. */
  | { readonly kind: 'mute' };

export type FaultRule = {
  readonly fault: Fault;
  /** Of the requests that the rule is about, 0 to 100. */
  readonly percent: number;
  /** All methods unless told; of a 409, those that write. */
  readonly methods?: readonly string[];
  /** What the path with its query looks like; any unless told. */
  readonly path?: RegExp;
};

export type FaultOptions = {
  /** The same requests in the same order meet the same faults; 1 unless told. */
  readonly seed?: number;
  readonly rules?: readonly FaultRule[];
};

/** A fault that strikes, and how far into its answer a cut one comes: a number in [0, 1). */
export type Fate = { readonly fault: Fault; readonly depth: number };

/** What goes wrong in a sandbox; can be changed while it runs. */
export type Faults = {
  /** From now on these rules hold and no others; `[]` ends all faults but that of the clock. */
  set(rules: readonly FaultRule[]): void;
  /** Lets the sandbox's clock jump, back with a negative number. Jumps add up. */
  moveClock(byMs: number): void;
  /** The sandbox's clock. */
  now(): Date;
  /** What becomes of the next request; `undefined`: nothing happens to it. The first rule that strikes does. */
  choose(method: string, path: string): Fate | undefined;
  /** How many requests met a fault. */
  readonly strikes: number;
};

const writes = ['DELETE', 'PATCH', 'POST', 'PUT'];

export function createFaults(
  { seed = 1, rules: first = [] }: FaultOptions = {},
  clock: () => number = Date.now,
): Faults {
  const random = randomFrom(seed);
  let rules = first;
  let offsetMs = 0;
  let strikes = 0;
  return {
    set(next) {
      rules = next;
    },
    moveClock(byMs) {
      offsetMs += byMs;
    },
    now: () => new Date(clock() + offsetMs),
    choose(method, path) {
      const struck = rules.find((rule) => isAbout(rule, method, path) && random() * 100 < rule.percent);
      if (struck === undefined) return undefined;
      strikes += 1;
      return { fault: struck.fault, depth: random() };
    },
    get strikes() {
      return strikes;
    },
  };
}

function isAbout({ fault, methods, path: pattern }: FaultRule, method: string, path: string): boolean {
  const allowed = methods ?? (fault.kind === 'refuse' && fault.code === 409 ? writes : [method]);
  return allowed.includes(method) && (pattern === undefined || pattern.test(path));
}

/** Numbers in [0, 1) that the seed alone decides: the 32-bit generator known as mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
