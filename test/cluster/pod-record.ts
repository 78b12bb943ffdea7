import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** All pods of gathers that were there since it was made. */
export type PodRecord = {
  /** How many pods there were, one after another or at once, in each report's namespace. */
  perNamespace(): Map<string, number>;
  stop(): void;
};

export function watchPods(): PodRecord {
  const found = new Map<string, Set<string>>();
  const columns = ['.metadata.namespace', '.metadata.uid'];
  const child = watchRows(['pods', '-A', '-l', 'muster.dev/report'], columns, ([namespace = '', uid = '']) => {
    found.set(namespace, (found.get(namespace) ?? new Set()).add(uid));
  });
  return {
    perNamespace: () => new Map([...found].map(([namespace, uids]) => [namespace, uids.size])),
    stop: () => child.kill(),
  };
}

/** What a report told of its progress, since it was made. */
export type ProgressRecord = {
  /** Each time that it told less than before. */
  wentBack(): string[];
  stop(): void;
};

const PHASES = ['New', 'Gathering', 'Packing', 'Completed'];

export function watchProgress(name: string, namespace: string): ProgressRecord {
  const told: { phase: string; percent: number }[] = [];
  const columns = ['.status.phase', '.status.progress.percent'];
  const child = watchRows(['mgr', name, '-n', namespace], columns, ([phase = '', percent = '']) => {
    told.push({ phase, percent: Number(percent) || 0 });
  });
  return {
    wentBack: () =>
      told.flatMap(({ phase, percent }, at) => {
        const before = told[at - 1];
        const isBack =
          before !== undefined && (PHASES.indexOf(phase) < PHASES.indexOf(before.phase) || percent < before.percent);
        return isBack ? [`${before.phase} ${before.percent} % to ${phase} ${percent} %`] : [];
      }),
    stop: () => child.kill(),
  };
}

/** Columns of all states of these objects from now on. */
function watchRows(
  what: readonly string[],
  columns: readonly string[],
  onRow: (row: readonly string[]) => void,
): ChildProcess {
  const shown = columns.map((path, index) => `COLUMN-${index}:${path}`).join(',');
  const args = ['get', ...what, '--watch', '--no-headers', '-o', `custom-columns=${shown}`];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => onRow(line.trim().split(/\s+/)));
  return child;
}
