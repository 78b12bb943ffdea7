import { isBrokenPipe, main } from './main.ts';
import { interruptOf } from './program.ts';

// What the launchers start: the one place where the command meets the process it runs in.

// A reader that goes away (`| head`) must not end a run that still has to clean up.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
}
process.exitCode = await main(
  {
    name: process.env.MUSTER_PROGRAM ?? 'muster',
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupt: interruptOf(process),
    now: () => Date.now(),
    exitCode: 0,
  },
  process.argv.slice(2),
);
