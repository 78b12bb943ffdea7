import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

type Process = { readonly pid: number; readonly parent: number; readonly group: number; readonly session: number };

/** Ends a container's processes: those of its session and of its process group, and all that descend from them. */
export function killAll(leaders: ReadonlySet<number>): void {
  // Twice: what was forked between the look and the kill shows at the second one.
  for (let round = 0; round < 2; round++) {
    for (const pid of membersOf(leaders, processes())) sendSignal(pid, 'SIGKILL');
  }
}

/** The process that another one started first, `undefined` while there is none. */
export function firstChildOf(pid: number): number | undefined {
  return processes().find(({ parent }) => parent === pid)?.pid;
}

/** Sends a signal; a process that is gone needs none. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function membersOf(leaders: ReadonlySet<number>, all: readonly Process[]): Set<number> {
  const members = new Set<number>();
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent, group, session } of all) {
      if ([pid, session, group].some((id) => leaders.has(id)) || members.has(parent)) members.add(pid);
    }
  }
  return members;
}

/** All processes of the machine: from /proc where there is one, else from ps, which every macOS has. */
function processes(): Process[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // proc(5): the command stands in parentheses and may hold anything; state, ppid, pgrp and session follow it.
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [, parent, group, session] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      return [{ pid: Number(name), parent: parent ?? 0, group: group ?? 0, session: session ?? 0 }];
    } catch {
      return []; // it ended while we looked
    }
  });
}

function fromPs(): Process[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid='], { encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, group = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, group, session: 0 };
    });
}
