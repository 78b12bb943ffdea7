import type { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { type ApiStatus, cut, isApiStatus, KubeError } from './errors.ts';
import type { Kube } from './kube.ts';
import { podPath } from './paths.ts';
import { realTimers, type Timers } from './timers.ts';

export type ExecOptions = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /**
   * Sent to the command; its end closes the command's standard input where the server speaks `v5.channel.k8s.io`.
   * Under v4 there is no half-close: a command that reads to the end would wait for ever, so tell it a byte count.
   * Destroyed when the command ends, or cannot begin, before it was read to its end.
   */
  readonly stdin?: Readable | undefined;
  /** Written with back-pressure, never ended: they belong to the caller. */
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** Cuts the connection. The command may live on in the container: the API has no way to end it. */
  readonly signal?: AbortSignal | undefined;
  readonly timers?: Timers | undefined;
};

export type ExecResult = { readonly exitCode: number };

// KEP-4006: the first byte of a message is its channel; 255 closes the channel that the second byte names (v5 only).
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const pingEveryMs = 20_000;
const deadAfterMs = 60_000;
// After the verdict the server closes the connection; one that does not is not waited for.
const closeWithinMs = 5_000;
const stdinPieceBytes = 32 * 1024;

/**
 * Runs a command in a container. Resolves with its exit code, also when that is not 0, after all output was taken by
 * the sinks. Throws `KubeError`: next `retry` when the connection was cut before the command's end was heard of,
 * `terminal` when the command could not be started (`isCommandMissing` tells that it is not in the image).
 */
export async function execInPod(kube: Kube, options: ExecOptions): Promise<ExecResult> {
  const { namespace, pod, container, command, signal } = options;
  const request = `exec ${command[0] ?? ''} in container ${container} of pod ${namespace}/${pod}`;
  const query: [string, string][] = [
    ['container', container],
    ['stdin', String(options.stdin !== undefined)],
    ['stdout', String(options.stdout !== undefined)],
    ['stderr', String(options.stderr !== undefined)],
    ['tty', 'false'],
    ...command.map((word): [string, string] => ['command', word]),
  ];
  let socket: WebSocket;
  try {
    socket = await kube.webSocket(podPath(namespace, pod, 'exec'), protocols, { query, signal });
  } catch (error) {
    options.stdin?.destroy();
    throw error;
  }
  const verdict = await converse(socket, options, request);
  return { exitCode: exitCodeOf(verdict, request) };
}

/** The image has no such program: what containerd and CRI-O say when they cannot start it. */
export function isCommandMissing(error: unknown): boolean {
  return error instanceof KubeError && /executable file .*not found|no such file or directory/.test(error.message);
}

/** Moves bytes both ways until the server tells the verdict and closes; resolves with the verdict. */
function converse(socket: WebSocket, options: ExecOptions, request: string): Promise<ApiStatus> {
  const { stdin, signal, timers = realTimers } = options;
  return new Promise((resolve, reject) => {
    let verdict: ApiStatus | undefined;
    let failure: unknown;
    const callOffs = new Set<() => void>();

    let isClosed = false;
    /** Once the connection has ended, when the sinks took all of it, or when something failed. */
    const conclude = () => {
      if (!isClosed || (failure === undefined && sinks.isWaiting())) return;
      sinks.release();
      signal?.removeEventListener('abort', onAbort);
      if (failure !== undefined) reject(failure);
      else if (verdict !== undefined) resolve(verdict);
      else reject(cut(request, 'ConnectionCut', 'the connection was cut before the command ended'));
    };
    const fail = (error: unknown) => {
      failure ??= error;
      socket.terminate();
      conclude();
    };
    const onAbort = () => fail(signal?.reason);
    const sinks = watchSinks(socket, options, { fail, onDrained: conclude });
    const liveness = watchLiveness(
      socket,
      timers,
      () => sinks.isWaiting(),
      () => fail(cut(request, 'ConnectionDead', `nothing was heard for ${deadAfterMs / 1000} s`)),
    );

    socket.on('message', (data: Buffer) => {
      liveness.heard();
      if (data[0] === channel.stdout || data[0] === channel.stderr) {
        sinks.take(data[0], data.subarray(1));
      } else if (data[0] === channel.error && data.length > 1) {
        verdict = parseVerdict(data.subarray(1));
        callOffs.add(timers.after(closeWithinMs, () => socket.terminate()));
      }
    });
    socket.on('error', (error) => fail(cut(request, 'ConnectionCut', error.message, error)));
    socket.once('close', () => {
      liveness.stop();
      for (const callOff of callOffs) callOff();
      stdin?.destroy();
      isClosed = true;
      conclude();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    if (stdin !== undefined)
      sendInput(socket, stdin).catch((error: unknown) => {
        // Of a command that ended before it read everything, the verdict counts, not the input that nobody wanted.
        if (verdict === undefined && socket.readyState === WebSocket.OPEN) fail(error);
      });
    socket.resume();
  });
}

type Sinks = {
  take(number: number, bytes: Buffer): void;
  isWaiting(): boolean;
  release(): void;
};

type SinkEvents = { readonly fail: (error: unknown) => void; readonly onDrained: () => void };

/** Writes to the sinks, and pauses the socket while one of them is full: the rest waits at the other end. */
function watchSinks(socket: WebSocket, { stdout, stderr }: ExecOptions, { fail, onDrained }: SinkEvents): Sinks {
  const full = new Set<Writable>();
  const sinks = [...new Set([stdout, stderr].filter((sink) => sink !== undefined))];
  const onGone = () => fail(new Error('the sink of the output was closed'));
  const releases = sinks.map((sink) => {
    const onDrain = () => {
      if (!full.delete(sink) || full.size > 0) return;
      socket.resume();
      onDrained();
    };
    sink.on('error', fail).on('close', onGone).on('drain', onDrain);
    return () => sink.off('error', fail).off('close', onGone).off('drain', onDrain);
  });
  return {
    take: (number, bytes) => {
      const sink = number === channel.stdout ? stdout : stderr;
      if (sink === undefined || bytes.length === 0 || sink.write(bytes)) return;
      full.add(sink);
      socket.pause();
      // Of a sink that was closed before, neither `close` nor `drain` will be heard.
      if (sink.destroyed) onGone();
    },
    isWaiting: () => full.size > 0,
    release: () => {
      for (const release of releases) release();
    },
  };
}

/** A dead peer sends no FIN: pings get the API server to answer. A slow sink stops the socket, and is not its death. */
function watchLiveness(socket: WebSocket, timers: Timers, isPaused: () => boolean, onDead: () => void) {
  let heardAtMs = timers.now();
  let callOff: () => void;
  const heard = () => {
    heardAtMs = timers.now();
  };
  const check = () => {
    if (isPaused()) heard();
    if (timers.now() - heardAtMs >= deadAfterMs) {
      onDead();
      return;
    }
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    callOff = timers.after(pingEveryMs, check);
  };
  socket.on('pong', heard);
  callOff = timers.after(pingEveryMs, check);
  return { heard, stop: () => callOff() };
}

async function sendInput(socket: WebSocket, stdin: Readable): Promise<void> {
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    for (let at = 0; at < bytes.length; at += stdinPieceBytes) {
      const piece = bytes.subarray(at, at + stdinPieceBytes);
      await send(socket, Buffer.concat([Buffer.of(channel.stdin), piece]));
    }
  }
  if (socket.protocol === protocols[0]) await send(socket, Buffer.of(channel.close, channel.stdin));
}

/** Resolves when the bytes were handed to the kernel: that is the back-pressure of the way in. */
function send(socket: WebSocket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.send(bytes, (error) => (error ? reject(error) : resolve())));
}

function parseVerdict(bytes: Buffer): ApiStatus {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    if (isApiStatus(parsed)) return parsed;
    // The API server's own Status comes without kind when it proxies for some runtimes; the shape is the same.
    if (typeof parsed === 'object' && parsed !== null && 'status' in parsed) return parsed as ApiStatus;
  } catch {
    // Plain text, as of v1 to v3: what went wrong in words.
  }
  return { status: 'Failure', reason: 'InternalError', message: bytes.toString('utf8') };
}

function exitCodeOf(verdict: ApiStatus, request: string): number {
  if (verdict.status === 'Success') return 0;
  const exitCode = verdict.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (verdict.reason === 'NonZeroExitCode' && exitCode !== undefined && /^\d+$/.test(exitCode)) return Number(exitCode);
  throw new KubeError({
    status: verdict.code ?? 500,
    reason: verdict.reason ?? 'InternalError',
    message: `${request}: ${verdict.message ?? 'the command could not be run'}`,
    next: 'terminal',
    request,
  });
}
