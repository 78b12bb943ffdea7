import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { NotStarted, type Running } from './container.ts';

/**
 * The end of both ways to start a container: says over descriptor 3 whether the command is there, and becomes it.
 * `type -P` finds files only, as an exec does; bash's own commands are none.
 */
export const BECOME = `
if [[ -z $(type -P -- "$1") ]]; then
  printf 'exec: "%s": executable file not found in $PATH' "$1" >&3
  exit 127
fi
printf ready >&3
exec 3>&-
exec "$@"
`.trim();

type SpawnOptions = {
  readonly env: Readonly<Record<string, string>>;
  readonly withStdin?: boolean;
  /** Called when the first process has ended, while others may still hold its output. */
  readonly onExit?: (pid: number) => void;
};

// Processes that outlive the command may hold its output open for ever: it is closed once nothing came for this long.
const lingerMs = 1000;

/** Starts a program in a session of its own that speaks `BECOME`'s protocol. Its output must be read. */
export function spawnRunning(file: string, args: readonly string[], { env, withStdin, onExit }: SpawnOptions): Running {
  const child = spawn(file, args, {
    // bash takes a socket as input, which Node's pipes are, for a login over the network and reads ~/.bashrc, unless it
    // believes that another shell started it.
    env: { ...env, ...(withStdin ? { SHLVL: '1' } : {}) },
    detached: true,
    stdio: [withStdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  // `stdio` above makes them; the types cannot know.
  if (stdout === null || stderr === null) throw new Error('a child without output');
  // A command that ends without reading its input is no error of ours.
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<number>((resolve) => {
    child.once('exit', () => {
      onExit?.(child.pid ?? 0);
      closeWhenSilent(stdout);
      closeWhenSilent(stderr);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    child.once('error', () => resolve(127));
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout,
    stderr,
    started: startOf(child.stdio[3] as Readable, child),
    exited,
  };
}

/** A reader that is slow has something waiting for it, so it loses nothing. */
function closeWhenSilent(output: Readable): void {
  let before = -1;
  const look = setInterval(() => {
    const { bytesRead } = output as Socket;
    if (output.readableLength === 0 && bytesRead === before) output.destroy();
    before = bytesRead;
  }, lingerMs);
  look.unref();
  output.once('close', () => clearInterval(look));
}

function startOf(
  said: Readable,
  child: { once(event: 'error', listener: (error: Error) => void): unknown },
): Promise<void> {
  const started = new Promise<void>((resolve, reject) => {
    let text = '';
    said.on('data', (chunk) => {
      text += String(chunk);
      // Not at the end: unshare holds the descriptor open for as long as the container lives.
      if (text === 'ready') resolve();
    });
    said.once('error', (error) => reject(new NotStarted(String(error))));
    said.once('end', () => reject(new NotStarted(text || 'the container could not be set up')));
    child.once('error', (error) => reject(new NotStarted(`could not start a process: ${error.message}`)));
  });
  // Whoever waits for the exit alone need not look at this.
  started.catch(() => undefined);
  return started;
}
