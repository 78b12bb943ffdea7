import type { ScreenStream } from './screen.ts';

/** What a command gets of the world: streams, environment, clock, and the person's wish to stop. */
export type Program = {
  /** What the person typed to get here: `muster`, or `kubectl muster`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: ScreenStream;
  readonly stderr: ScreenStream;
  /** Aborted at the first Ctrl-C. */
  readonly interrupt: AbortSignal;
  readonly now: () => number;
  /** Set by a command that ends well in itself, but with something to tell. */
  exitCode: number;
};

/** Two signals of one key press, one from the terminal and one passed on by a launcher, arrive within moments. */
const SAME_PRESS_MS = 300;

/**
 * The first Ctrl-C (or TERM, or the end of the launcher) asks for an orderly end; a second one leaves at once, with
 * whatever is then still in the cluster: the next run sweeps it.
 */
export function interruptOf(host: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const stop = () => {
    const nowMs = Date.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      host.stderr.write('\nStopping, and cleaning up. Press Ctrl-C again to leave at once.\n');
      controller.abort(new Error('interrupted'));
    } else if (nowMs - firstMs > SAME_PRESS_MS) {
      host.exit(130);
    }
  };
  host.on('SIGINT', stop);
  host.on('SIGTERM', stop);
  host.on('SIGHUP', stop);
  host.on('disconnect', stop);
  host.channel?.unref();
  return controller.signal;
}
