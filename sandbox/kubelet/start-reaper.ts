import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

export type Reaper = {
  started(pid: number): void;
  ended(pid: number): void;
  /** Has it kill what is left and remove the folder; settles when that is done. */
  close(): Promise<void>;
};

/** Starts the process that cleans up after the sandbox, whatever ends it. */
export function startReaper(folder: string): Reaper {
  const script = fileURLToPath(new URL('./reaper.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  // A reaper that was killed is noticed at the end; until then there is nothing to tell it.
  child.stdin.on('error', () => undefined);
  // It ends with us; it must not keep us from ending.
  child.unref();
  (child.stdin as Socket).unref();
  return {
    started: (pid) => void child.stdin.write(`+${pid}\n`),
    ended: (pid) => void child.stdin.write(`-${pid}\n`),
    async close() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
