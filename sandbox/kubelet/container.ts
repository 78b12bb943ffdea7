import type { Readable, Writable } from 'node:stream';
import type { Image } from './images.ts';
import type { Place } from './rewrite.ts';

/** A folder or file that a container sees at `path`. */
export type Mount = Place & { readonly readOnly?: boolean };

export type Launch = {
  readonly image: Image;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly workingDir: string;
  /** A folder of the container's own, for its temporary files. */
  readonly scratch: string;
};

/** A process with what it reads and writes. */
export type Running = {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command itself runs; rejects with `NotStarted` when it cannot. */
  readonly started: Promise<void>;
  /** The exit code, 128 and the signal's number where a signal ended it; settles when its output is read, too. */
  readonly exited: Promise<number>;
};

/** The command is not there, or the container's view of the file system could not be made. */
export class NotStarted extends Error {}

/** One of the ways in which a process is given a container's view. */
export type Isolation = {
  readonly kind: 'namespaces' | 'rewriting';
  start(launch: Launch): Running;
  /** Runs a command in a container that runs. */
  exec(running: Running, launch: Launch, argv: readonly string[], withStdin: boolean): Running;
  /** Sends a signal to the container's first process, as a kubelet does with TERM. */
  terminate(running: Running): void;
  /** Ends everything in the container at once. */
  kill(running: Running): void;
};
