import { join, posix } from 'node:path';
import type { Isolation, Launch } from './container.ts';
import { killAll, sendSignal } from './processes.ts';
import { type Place, rewriter } from './rewrite.ts';
import { BECOME, spawnRunning } from './spawn.ts';

/**
 * Containers on a machine that gives no mounts of their own (macOS, a locked-down Linux): paths of the volumes and of
 * the image's files are replaced in arguments and variables by where they really are.
 */
export function isolateByRewriting(bash: string): Isolation {
  const prepare = (launch: Launch, argv: readonly string[]) => {
    const rewrite = rewriter(placesOf(launch));
    const env = Object.fromEntries(Object.entries(launch.env).map(([name, value]) => [name, rewrite(value)]));
    const workingDir = rewrite(launch.workingDir);
    env.PATH = pathWith(launch, launch.env.PATH ?? '');
    env.TMPDIR ??= launch.scratch;
    // A working directory that this machine has not is none of the command's business.
    const script = `cd -- "$1" 2>/dev/null || cd /\nshift\n${BECOME}`;
    return { command: ['-c', script, 'sandbox', workingDir, ...argv.map(rewrite)], env };
  };
  return {
    kind: 'rewriting',
    start(launch) {
      const { command, env } = prepare(launch, launch.argv);
      // A container ends with its first process; where no kernel sees to that, we do.
      return spawnRunning(bash, command, { env, onExit: (pid) => killAll(new Set([pid])) });
    },
    exec(_running, launch, argv, withStdin) {
      const { command, env } = prepare(launch, argv);
      return spawnRunning(bash, command, { env, withStdin });
    },
    terminate: ({ pid }) => sendSignal(pid, 'SIGTERM'),
    kill: ({ pid }) => killAll(new Set([pid])),
  };
}

function placesOf({ image, mounts }: Launch): Place[] {
  return [...image.files.map((path) => ({ path, real: join(image.root, path) })), ...mounts];
}

/** The image's own folders of programs stand before those of the machine. */
function pathWith({ image }: Launch, path: string): string {
  const folders = path.split(':');
  const own = folders.filter((folder) => image.files.some((file) => posix.dirname(file) === folder));
  return [...own.map((folder) => join(image.root, folder)), ...folders].join(':');
}
