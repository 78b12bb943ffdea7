import { spawnSync } from 'node:child_process';
import type { Isolation, Launch, Running } from './container.ts';
import { firstChildOf, killAll, sendSignal } from './processes.ts';
import { planRoot } from './root-plan.ts';
import { BECOME, spawnRunning } from './spawn.ts';

export type Tools = { readonly bash: string; readonly unshare: string; readonly nsenter: string };

/**
 * PID 1 of a container's namespaces before it becomes the container's command: lays out the root that `planRoot`
 * describes on a tmpfs and moves into it. Arguments: the folder for the root, the working directory, steps of three
 * words, `--`, the command. PATH is the container's, so the tools are looked for in the usual places.
 */
const ENTER = `
bind() { # SOURCE TARGET
  if [[ -d $1 ]]; then mkdir -p "$2"; else mkdir -p "\${2%/*}"; [[ -e $2 ]] || : >"$2"; fi
  mount --rbind "$1" "$2"
}
replicate() { # a folder of the machine, in which something is to be mounted that it has not
  local entry
  mount -t tmpfs -o mode=755 tmpfs "$2"
  for entry in "$1"/* "$1"/.[!.]*; do
    if [[ -L $entry ]]; then cp -P "$entry" "$2/"
    elif [[ -e $entry ]]; then bind "$entry" "$2/\${entry##*/}"; fi
  done
}
enter() { # ROOT WORKING_DIR STEPS… -- COMMAND…
  local PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin root=$1 working_dir=$2 target
  shift 2
  mount -t tmpfs -o mode=755 tmpfs "$root" || return
  while [[ $1 != -- ]]; do
    target=$root$3
    case $1 in
      tmpfs) mkdir -p "$target" && mount -t tmpfs -o mode=755 tmpfs "$target" ;;
      proc) mkdir -p "$target" && mount -t proc proc "$target" ;;
      link) ln -s "$2" "$target" ;;
      bind) bind "$2" "$target" ;;
      bind-ro) bind "$2" "$target" && { mount -o remount,bind,ro "$target" 2>/dev/null || :; } ;;
      overlay) mount -t overlay -o "lowerdir=$2:$3" overlay "$target" ;;
      replicate) replicate "$2" "$target" ;;
    esac || return
    shift 3
  done
  mkdir "$root/.machine" && cd "$root" && pivot_root . .machine && umount -l /.machine && rmdir /.machine || return
  cd "$working_dir" 2>/dev/null || cd /
}
enter "$@" || exit 125
while [[ $1 != -- ]]; do shift; done
shift
${BECOME}
`.trim();

/** Containers with user, mount and process namespaces of their own: Linux, no privilege needed where they are allowed. */
export function isolateByNamespaces(tools: Tools, rootFolder: string, visible: readonly string[]): Isolation {
  const firstProcess = ({ pid }: Running) => firstChildOf(pid) ?? pid;
  return {
    kind: 'namespaces',
    start(launch: Launch) {
      const steps = planRoot(launch, visible).flatMap(({ step, source, target }) => [step, source, target]);
      const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'];
      const script = ['-c', ENTER, 'sandbox', rootFolder, launch.workingDir, ...steps, '--', ...launch.argv];
      return spawnRunning(tools.unshare, [...namespaces, tools.bash, ...script], { env: launch.env });
    },
    exec(running, launch, argv, withStdin) {
      const target = [
        '--target',
        String(firstProcess(running)),
        '--user',
        '--preserve-credentials',
        '--mount',
        '--pid',
      ];
      const script = ['--root', '--wd', tools.bash, '-c', `cd "$1" 2>/dev/null || cd /\nshift\n${BECOME}`, 'sandbox'];
      const args = [...target, ...script, launch.workingDir, ...argv];
      return spawnRunning(tools.nsenter, args, { env: launch.env, withStdin });
    },
    terminate: (running) => sendSignal(firstProcess(running), 'SIGTERM'),
    // unshare's --kill-child ends the first process with it, and with that the kernel ends the namespace.
    kill: ({ pid }) => killAll(new Set([pid])),
  };
}

/** Whether this machine lets us: a look at its settings would tell less than a try. */
export function canIsolate(isolation: Isolation, launch: Omit<Launch, 'argv'>): Promise<boolean> {
  const running = isolation.start({ ...launch, argv: ['true'] });
  running.stdout.resume();
  running.stderr.resume();
  return running.started.then(
    async () => (await running.exited) === 0,
    () => false,
  );
}

/** Where a program is, `undefined` where the machine has none of that name. */
export function findTool(name: string): string | undefined {
  const folders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin';
  const found = spawnSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', name], { env: { PATH: folders } });
  return found.status === 0 ? found.stdout.toString().trim() : undefined;
}
