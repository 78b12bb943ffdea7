import { Readable, Transform, Writable } from 'node:stream';
import { execInPod } from '../kube/exec.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import type { FileFacts } from './listing.ts';
import { FIND_FORMAT, parseListing } from './listing.ts';
import { COPY_CONTAINER } from './pod.ts';
import { CONTROL_DIR } from './wrapper.ts';

/** A copy that brings no byte for this long has lost its connection, whatever TCP believes. */
const SILENCE_LIMIT_MS = 60_000;
/** Of what a command says on stderr, this much is kept. */
const STDERR_LIMIT_BYTES = 16 * 1024;

// Fixed scripts: what differs from call to call comes as arguments.
const TOOLS_SCRIPT = `command -v tar; command -v head
find "$1" -maxdepth 0 -printf 'find %y' 2>/dev/null; exit 0`;
// tar is told how long its list is: over v4.channel.k8s.io the end of stdin cannot be said.
const TAR_LIST_SCRIPT = 'set -o pipefail; head -c "$2" | tar -C "$1" --null --no-recursion -T - -cf -';
const STOP_SCRIPT = 'printf %s "$1" >"$2/stop"';

export type Tools = {
  readonly tar: boolean;
  /** find can print facts and tar can take a list: files can be copied while the gather runs, and after a cut. */
  readonly list: boolean;
};

/** What can be asked of a gather pod: the files below the source folder, and to stop. */
export type PodFiles = {
  tools(signal: AbortSignal): Promise<Tools>;
  list(signal: AbortSignal): AsyncIterable<FileFacts>;
  /** A tar of these paths, without what is below them; of everything when no paths are given. */
  tar(paths: readonly string[] | undefined, take: TakeTar, signal: AbortSignal): Promise<TarResult>;
  stop(reason: string, signal: AbortSignal): Promise<void>;
};

/** Reads the tar stream to its end. */
export type TakeTar = (stream: Readable) => Promise<void>;
export type TarResult = { readonly exitCode: number; readonly stderr: string };

export type PodFilesOptions = {
  readonly namespace: string;
  readonly pod: string;
  readonly sourceDir: string;
  readonly timers: Timers;
};

/** Reaches into the `copy` container over exec: for clusters where no packer can bring the bytes. */
export function podFiles(kube: Kube, { namespace, pod, sourceDir, timers }: PodFilesOptions): PodFiles {
  const start = (command: readonly string[], signal: AbortSignal, stdin?: Readable): Running => {
    const silence = silenceGuard(timers, SILENCE_LIMIT_MS);
    const stdout = heardStream(silence.heard);
    const stderr = firstBytes(STDERR_LIMIT_BYTES);
    const ended = execInPod(kube, {
      namespace,
      pod,
      container: COPY_CONTAINER,
      command,
      stdin,
      stdout,
      stderr: stderr.sink,
      signal: AbortSignal.any([signal, silence.signal]),
      timers,
    }).finally(silence.end);
    ended.then(
      () => stdout.end(),
      (error: unknown) => stdout.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return { stdout, ended: ended.then(({ exitCode }) => ({ exitCode, stderr: stderr.text() })) };
  };
  const run = async (take: TakeTar, command: readonly string[], signal: AbortSignal, stdin?: Readable) => {
    const { stdout, ended } = start(command, signal, stdin);
    const [result] = await Promise.all([ended, take(stdout).finally(() => stdout.destroy())]);
    return result;
  };

  return {
    tools: async (signal) => {
      let said = '';
      const take = async (stream: Readable) => {
        for await (const chunk of stream) said += String(chunk);
      };
      await run(take, ['/bin/bash', '-c', TOOLS_SCRIPT, 'muster', sourceDir], signal);
      const tar = /\btar$/m.test(said);
      return { tar, list: tar && /\bhead$/m.test(said) && said.includes('find d') };
    },
    list: (signal) => listed(start(['find', sourceDir, '-mindepth', '1', '-printf', FIND_FORMAT], signal)),
    tar: (paths, take, signal) => {
      if (paths === undefined) return run(take, ['tar', '-C', sourceDir, '-cf', '-', '.'], signal);
      const sizeBytes = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + 3, 0);
      const command = ['/bin/bash', '-c', TAR_LIST_SCRIPT, 'muster', sourceDir, String(sizeBytes)];
      return run(take, command, signal, Readable.from(asList(paths)));
    },
    stop: async (reason, signal) => {
      const command = ['/bin/bash', '-c', STOP_SCRIPT, 'muster', reason, CONTROL_DIR];
      const { exitCode, stderr } = await run(drain, command, signal);
      if (exitCode !== 0) throw new Error(`could not tell the gather to stop: ${stderr || `exit code ${exitCode}`}`);
    },
  };
}

/** A command in the pod: what it prints, and its end. `stdout` ends, or breaks, with it. */
type Running = { readonly stdout: Readable; readonly ended: Promise<TarResult> };

async function* listed({ stdout, ended }: Running): AsyncIterable<FileFacts> {
  ended.catch(() => undefined); // stdout breaks with the same error, and is what is read first
  yield* parseListing(stdout);
  const { exitCode, stderr } = await ended;
  // find says 1 when a folder vanished while it walked: what it printed holds all the same.
  if (exitCode > 1) throw new Error(`find failed in the gather's pod: ${stderr || `exit code ${exitCode}`}`);
}

function heardStream(heard: () => void): Transform {
  return new Transform({
    highWaterMark: 1024 * 1024,
    transform(chunk, _encoding, done) {
      heard();
      done(null, chunk);
    },
  });
}

/** `./` keeps a name that starts with `-` from being taken for an option; tar's list is NUL-separated. */
function* asList(paths: readonly string[]): Iterable<Buffer> {
  const batch = 1000;
  for (let start = 0; start < paths.length; start += batch) {
    yield Buffer.from(
      paths
        .slice(start, start + batch)
        .map((path) => `./${path}\0`)
        .join(''),
    );
  }
}

async function drain(stream: Readable): Promise<void> {
  for await (const _ of stream);
}

function firstBytes(limitBytes: number): { sink: Writable; text: () => string } {
  const kept: Buffer[] = [];
  let sizeBytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (sizeBytes < limitBytes) kept.push(chunk.subarray(0, limitBytes - sizeBytes));
      sizeBytes += chunk.length;
      done();
    },
  });
  return { sink, text: () => Buffer.concat(kept).toString().trim() };
}

/** Aborts when nothing was heard for `limitMs`. */
function silenceGuard(timers: Timers, limitMs: number) {
  const controller = new AbortController();
  const arm = () =>
    timers.after(limitMs, () =>
      controller.abort(new Error(`the connection to the pod was silent for ${limitMs / 1000} s`)),
    );
  let disarm = arm();
  let armedAt = timers.now();
  return {
    signal: controller.signal,
    heard: () => {
      // Once a second is often enough; a timer for each chunk costs more than the chunk.
      if (timers.now() - armedAt < 1000) return;
      disarm();
      disarm = arm();
      armedAt = timers.now();
    },
    end: () => disarm(),
  };
}
