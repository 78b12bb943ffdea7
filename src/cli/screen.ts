import { styleText } from 'node:util';
import type { Observer } from '../gather/run.ts';
import type { GatherStatus } from '../report/status.ts';
import type { Tone } from './gather-rows.ts';
import { gatherRow, layOut } from './gather-rows.ts';
import { printable } from './printable.ts';

/** Where a run shows: a terminal that can be rewritten, or plain lines. */
export type Screen = { readonly observer: Observer; end(): void };

export type ScreenStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

const REDRAW_EVERY_MS = 200;
const COLOURS = { good: 'green', bad: 'red', warning: 'yellow', busy: 'cyan', quiet: 'gray' } as const;

/** Colours where the stream shows them (NO_COLOR and FORCE_COLOR are honoured), plain text elsewhere. */
export function painter(stream: ScreenStream): (text: string, tone: Tone) => string {
  return (text, tone) => styleText(COLOURS[tone], text, { stream, validateStream: true });
}

/** On a terminal one line per gather, rewritten in place. */
export function liveScreen(stream: ScreenStream, now: () => number): Screen {
  const statuses = new Map<string, GatherStatus>();
  const paint = painter(stream);
  let drawn = 0;
  let lastWords: readonly string[] = [];
  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    erase();
    // A pseudo-terminal that nobody told its size says 0.
    const lines = layOut(
      shown([...statuses.values()], now(), (stream.rows || 24) - 3),
      (stream.columns || 80) - 1,
      paint,
    );
    for (const line of lines) stream.write(`${line}\n`);
    drawn = lines.length;
  };
  const ticking = setInterval(draw, REDRAW_EVERY_MS);
  return {
    observer: {
      gather: (status) => statuses.set(status.name, status),
      line: () => undefined,
      note: (text, gatherName, level) => {
        if (level === 'info') return;
        erase();
        stream.write(`${printable(gatherName === undefined ? text : `${gatherName}: ${text}`)}\n`);
        draw();
      },
      // Once, when the rows are done: what the cluster says of itself is for the case, not for the wait.
      summary: (lines) => {
        lastWords = [...lines.map(printable), ''];
      },
    },
    end: () => {
      clearInterval(ticking);
      erase();
      for (const line of lastWords) stream.write(`${line}\n`);
    },
  };
}

/** What fits: first those at work, then those to come, then those that are over. */
function shown(statuses: readonly GatherStatus[], nowMs: number, most: number) {
  if (statuses.length <= most) return statuses.map((status) => gatherRow(status, nowMs));
  const rank = ({ phase, finishedAt }: GatherStatus) => (finishedAt !== undefined ? 2 : phase === 'Waiting' ? 1 : 0);
  const first = [...statuses].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(1, most));
  return first.map((status) => gatherRow(status, nowMs));
}

/** Elsewhere a line for each thing that happens, and each line of the gathers' logs, as oc prints them. */
export function plainScreen(stream: ScreenStream): Screen {
  const phases = new Map<string, string>();
  return {
    observer: {
      gather: ({ name, phase, node, message }) => {
        if (phases.get(name) === phase) return;
        phases.set(name, phase);
        stream.write(`[${name}] ${phase}${node ? ` on ${node}` : ''}${message === undefined ? '' : `: ${message}`}\n`);
      },
      line: (gatherName, line) => stream.write(`[${gatherName}] POD ${line}\n`),
      note: (text, gatherName) => stream.write(gatherName === undefined ? `${text}\n` : `[${gatherName}] ${text}\n`),
      summary: (lines, moment) => {
        if (moment === 'after') stream.write('Reprinting Cluster State:\n');
        for (const line of [...lines, '']) stream.write(`${line}\n`);
      },
    },
    end: () => undefined,
  };
}
