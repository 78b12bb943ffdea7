import { formatElapsed, formatSize } from '../report/format.ts';
import type { GatherPhase, GatherStatus } from '../report/status.ts';
import { printable } from './printable.ts';

/** One gather as a line of a table, before it is laid out. */
export type GatherRow = {
  readonly mark: string;
  readonly tone: Tone;
  readonly name: string;
  /** The image; or, of a gather that did not go well, why. */
  readonly what: string;
  readonly node: string;
  readonly size: string;
  readonly elapsed: string;
  /** What happens now, or that something was kept of a gather that failed. */
  readonly remark: string;
};

export type Tone = 'good' | 'bad' | 'warning' | 'busy' | 'quiet';

const LOOKS: Readonly<Record<GatherPhase, { mark: string; tone: Tone; remark: string }>> = {
  Waiting: { mark: '○', tone: 'quiet', remark: 'waiting for a slot' },
  Starting: { mark: '◔', tone: 'busy', remark: 'starting…' },
  Running: { mark: '◑', tone: 'busy', remark: 'gathering…' },
  Packing: { mark: '◕', tone: 'busy', remark: 'packing…' },
  Done: { mark: '✔', tone: 'good', remark: '' },
  Partial: { mark: '▲', tone: 'warning', remark: '(incomplete)' },
  Failed: { mark: '✖', tone: 'bad', remark: '' },
  Cancelled: { mark: '✖', tone: 'warning', remark: '' },
};

/** `startedMs` is when the gather was first seen at work, until its own times are known. */
export function gatherRow(status: GatherStatus, nowMs: number): GatherRow {
  const look = LOOKS[status.phase];
  const isOver = status.finishedAt !== undefined;
  const kept = (status.files ?? 0) > 0;
  const startMs = status.startedAt === undefined ? undefined : Date.parse(status.startedAt);
  const endMs = isOver ? Date.parse(status.finishedAt ?? '') : nowMs;
  return {
    mark: look.mark,
    tone: look.tone,
    name: status.name,
    what: status.message ?? status.image,
    node: status.node ?? '',
    size: kept ? formatSize(status.bytes ?? 0) : '',
    elapsed: startMs === undefined ? '' : formatElapsed(endMs - startMs),
    remark: kept && (status.phase === 'Failed' || status.phase === 'Cancelled') ? '(kept)' : look.remark,
  };
}

const LONGEST_NAME = 30;
const LONGEST_WHAT = 60;
/** In a narrow terminal the image gives way to size and time, but not below this. */
const LEAST_WHAT = 20;
/** `1.2 GB`, `12h 05m`. */
const NUMBER_WIDTH = 7;

/** Rows as aligned lines, none wider than `columns`. */
export function layOut(
  rows: readonly GatherRow[],
  columns: number,
  paint: (text: string, tone: Tone) => string,
): string[] {
  const widest = (pick: (row: GatherRow) => string, most: number) =>
    Math.min(most, Math.max(0, ...rows.map((row) => pick(row).length)));
  const name = widest((row) => row.name, LONGEST_NAME);
  const node = widest((row) => row.node, LONGEST_NAME);
  const others = name + node + 2 * NUMBER_WIDTH + widest((row) => row.remark, columns) + 5 * '  '.length;
  const room = Math.max(LEAST_WHAT, columns - 2 - others);
  const what = Math.min(
    widest((row) => row.what, LONGEST_WHAT),
    room,
  );
  return rows.map((row) => {
    const text = [
      clip(row.name, name).padEnd(name),
      clip(row.what, what).padEnd(what),
      clip(row.node, node).padEnd(node),
      row.size.padStart(NUMBER_WIDTH),
      row.elapsed.padStart(NUMBER_WIDTH),
      row.remark,
    ].join('  ');
    return `${paint(row.mark, row.tone)} ${clip(text.trimEnd(), columns - 2)}`;
  });
}

/** Whole characters, and none that the terminal takes for a command. */
function clip(text: string, width: number): string {
  const clean = printable(text).replaceAll('\t', ' ');
  if (clean.length <= width) return clean;
  return `${clean.slice(0, Math.max(0, width - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}
