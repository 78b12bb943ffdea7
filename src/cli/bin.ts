import { isBrokenPipe } from './command-line.ts';
import { interruptOf } from './program.ts';

// What the launchers start: the one place where the command meets the process it runs in.

// A reader that goes away (`| head`) must not end a run that still has to clean up.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
}
const args = process.argv.slice(2);
const program = {
  name: process.env.MUSTER_PROGRAM ?? 'muster',
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: interruptOf(process),
  now: () => Date.now(),
  exitCode: 0,
};
if (args[0] === 'pack') {
  const { packMain } = await import('./pack-command.ts');
  // A large file that is being packed when the pod has to end would keep this process alive until it is killed.
  process.exit(await packMain(program, args));
}
const { main } = await import('./main.ts');
process.exitCode = await main(program, args);
// What a service was in the middle of when the cluster went away would keep its process alive.
if (args[0] === 'serve') process.exit();
