import { cut, isNotFound, KubeError } from './errors.ts';
import type { Kube, StreamedResponse } from './kube.ts';
import { type LogResume, resumeLog } from './log-resume.ts';
import { podPath } from './paths.ts';
import { backoffMs } from './retry.ts';
import { realTimers, sleep, type Timers } from './timers.ts';

export type LogOptions = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly signal: AbortSignal;
  /** RFC 3339; start here instead of at the container's first line. */
  readonly sinceTime?: string | undefined;
  /** The run before the last restart. */
  readonly previous?: boolean | undefined;
  /** Keep the kubelet's RFC 3339 timestamp and the space after it at the start of each line; dropped unless told. */
  readonly timestamps?: boolean | undefined;
};

export type FollowOptions = LogOptions & {
  /** Whether the container has ended for good: once it has, the log is drained and the iteration ends. */
  readonly ended: () => boolean | Promise<boolean>;
  /** Give up after this long without one successful read; 120 s unless told. */
  readonly giveUpAfterMs?: number | undefined;
  readonly timers?: Timers | undefined;
  readonly random?: (() => number) | undefined;
};

// A container may be silent for hours, and a dead socket looks the same: asking anew costs one request.
const silenceMs = 120_000;
// The pod's status trails the end of the stream by about a second; asked again this often until it agrees.
const longestPauseMs = 1_000;
// A connection that held this long shows that the way is open.
const stableMs = 10_000;
// A log that is gone when the container has ended does not come back.
const mostFailuresAfterEnd = 3;

/** The log as it is now, once, as the server sends it, with back-pressure. Throws `KubeError`. */
export async function* readLogs(kube: Kube, options: LogOptions): AsyncGenerator<Buffer> {
  const { body } = await openLog(kube, options, {
    follow: false,
    sinceTime: options.sinceTime,
    timestamps: options.timestamps === true,
    signal: options.signal,
  });
  yield* body;
}

/**
 * The log as it is written, in chunks that need not end at a line's end. Over reconnects no line and no byte of a line
 * is lost or repeated, as far as the kubelet still has it: what log rotation removed while nobody was connected is
 * gone. Ends when the container has ended and its log is drained; throws the last `KubeError` after `giveUpAfterMs` of
 * failures, or at once when the pod is gone, and the signal's reason when that is aborted.
 */
export async function* followLogs(kube: Kube, options: FollowOptions): AsyncGenerator<Buffer> {
  const { signal, timers = realTimers, random = Math.random } = options;
  const resume = resumeLog({ keepTimestamps: options.timestamps === true });
  const patience = watchPatience(options, timers);
  for (;;) {
    signal.throwIfAborted();
    const hasEnded = await options.ended();
    try {
      for await (const bytes of oneStream(kube, options, resume, { hasEnded, timers, onOpen: patience.opened })) {
        patience.renew();
        yield bytes;
      }
      if (hasEnded) return;
      patience.cleanEnd();
    } catch (error) {
      signal.throwIfAborted();
      patience.spend(asKubeError(error, options), hasEnded);
    }
    await sleep(timers, Math.min(longestPauseMs, backoffMs(patience.rounds(), random)), signal);
  }
}

/** Counts fruitless rounds, and throws the failure that was one too many. */
function watchPatience({ giveUpAfterMs = 120_000 }: FollowOptions, timers: Timers) {
  let failingSinceMs: number | undefined;
  let openedAtMs: number | undefined;
  let failures = 0;
  let rounds = 0;
  const cleanEnd = () => {
    failingSinceMs = undefined;
    failures = 0;
  };
  return {
    cleanEnd,
    opened: () => {
      openedAtMs = timers.now();
    },
    renew: () => {
      cleanEnd();
      rounds = 0;
    },
    spend: (failure: KubeError, hasEnded: boolean) => {
      // A stream that stood for a while, a container that is still to start, and a silent one are no failures; what
      // comes of them `ended` tells.
      const stood = openedAtMs !== undefined && timers.now() - openedAtMs > stableMs;
      if (stood || (failure.next === 'wait' && !hasEnded)) cleanEnd();
      else failures++;
      openedAtMs = undefined;
      failingSinceMs ??= timers.now();
      const isLost = hasEnded && failures >= mostFailuresAfterEnd;
      if (isNotFound(failure) || isLost || timers.now() - failingSinceMs >= giveUpAfterMs) throw failure;
    },
    rounds: () => rounds++,
  };
}

type StreamRules = { readonly hasEnded: boolean; readonly timers: Timers; readonly onOpen: () => void };

/** One connection's worth of new bytes. Ends when the server ends it; throws when it breaks or stays silent. */
async function* oneStream(
  kube: Kube,
  options: FollowOptions,
  resume: LogResume,
  { hasEnded, timers, onOpen }: StreamRules,
): AsyncGenerator<Buffer> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const guard = () =>
    timers.after(silenceMs, () => silence.abort(cut(describe(options), 'Silent', 'nothing was heard')));
  let callOff = guard();
  try {
    const sinceTime = resume.sinceTime() ?? options.sinceTime;
    const { body } = await openLog(kube, options, { follow: !hasEnded, sinceTime, timestamps: true, signal });
    onOpen();
    resume.reconnect();
    for await (const chunk of body) {
      callOff();
      const bytes = resume.take(chunk);
      // Not guarded while the consumer is busy: silence is the server's, not ours.
      if (bytes.length > 0) yield bytes;
      if (resume.complaint() !== undefined) break;
      callOff = guard();
    }
    const complaint = resume.complaint();
    // Behind lines of the log (inotify handles that ran out, a rotation gone wrong) it only ends the stream.
    if (complaint !== undefined && !resume.sawLine()) throw cut(describe(options), 'NoLog', complaint);
  } finally {
    callOff();
  }
}

type Reading = {
  readonly follow: boolean;
  readonly sinceTime: string | undefined;
  readonly timestamps: boolean;
  readonly signal: AbortSignal;
};

function openLog(
  kube: Kube,
  { namespace, pod, container, previous }: LogOptions,
  reading: Reading,
): Promise<StreamedResponse> {
  const query: [string, string][] = [['container', container]];
  if (reading.follow) query.push(['follow', 'true']);
  if (reading.timestamps) query.push(['timestamps', 'true']);
  if (previous === true) query.push(['previous', 'true']);
  if (reading.sinceTime !== undefined) query.push(['sinceTime', reading.sinceTime]);
  return kube.stream(podPath(namespace, pod, 'log'), { query, signal: reading.signal });
}

function asKubeError(error: unknown, options: LogOptions): KubeError {
  if (error instanceof KubeError) return error;
  return cut(describe(options), 'ConnectionCut', 'the connection was cut', error);
}

function describe({ namespace, pod, container }: LogOptions): string {
  return `read the log of container ${container} of pod ${namespace}/${pod}`;
}
