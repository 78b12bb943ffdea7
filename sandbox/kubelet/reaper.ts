/**
 * A process that outlives the sandbox by a moment. Its input holds the first processes of the containers, `+PID` as they start
 * and `-PID` as they end; when the input ends, because the sandbox closed it or died in whatever way, all that is left of
 * them is killed and the sandbox's folder (the argument) is removed.
 */
import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { killAll } from './processes.ts';

const [, , folder = ''] = process.argv;
const leaders = new Set<number>();

// A terminal sends its signals to everybody in it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) leaders.add(pid);
  else leaders.delete(pid);
}
killAll(leaders);
// A container that was being set up may still write for a moment.
for (let tries = 0; tries < 50 && existsSync(folder); tries++) {
  if (tries > 0) await sleep(100);
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (tries === 49) throw error;
  }
}
