import { formatElapsed, formatSize } from '../report/format.ts';
import { printable } from './printable.ts';
import { painter, type ScreenStream } from './screen.ts';

/** Where a download shows. */
export type DownloadProgress = {
  at(doneBytes: number): void;
  note(line: string): void;
  end(): void;
};

type Options = { readonly name: string; readonly sizeBytes: number; readonly now: () => number };

const REDRAW_EVERY_MS = 200;
const BAR_WIDTH = 24;
const PLAIN_STEPS = 10;

/** On a terminal one line that is rewritten; elsewhere a line at the start and for each tenth. */
export function downloadProgress(stream: ScreenStream, options: Options): DownloadProgress {
  return stream.isTTY ? progressBar(stream, options) : plainProgress(stream, options);
}

function progressBar(stream: ScreenStream, { name, sizeBytes, now }: Options): DownloadProgress {
  const paint = painter(stream);
  let begun: { readonly atMs: number; readonly bytes: number } | undefined;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let last = 0;
  const draw = (doneBytes: number) => {
    // What an earlier run fetched says nothing of the speed.
    begun ??= { atMs: now(), bytes: doneBytes };
    const perMs = (doneBytes - begun.bytes) / Math.max(1, now() - begun.atMs);
    const left = perMs > 0 ? `${formatElapsed((sizeBytes - doneBytes) / perMs)} left` : '';
    const share = sizeBytes === 0 ? 1 : doneBytes / sizeBytes;
    const full = Math.round(share * BAR_WIDTH);
    const bar = `${paint('█'.repeat(full), 'good')}${paint('░'.repeat(BAR_WIDTH - full), 'quiet')}`;
    const facts = [
      `${String(Math.floor(share * 100)).padStart(3)}%`,
      `${formatSize(doneBytes)} of ${formatSize(sizeBytes)}`,
      perMs > 0 ? `${formatSize(Math.round(perMs * 1000))}/s` : '',
      left,
    ];
    const text = facts.filter((fact) => fact !== '').join('  ');
    const room = (stream.columns || 80) - 1 - BAR_WIDTH - 2 - text.length - 2;
    const shownName = printable(name);
    const title = room >= shownName.length ? `${shownName}  ` : '';
    stream.write(`\r\u001b[K${title}${bar}  ${text}`);
  };
  const erase = () => stream.write('\r\u001b[K');
  return {
    at(doneBytes) {
      last = doneBytes;
      if (now() - drawnAtMs < REDRAW_EVERY_MS) return;
      drawnAtMs = now();
      draw(doneBytes);
    },
    note(line) {
      erase();
      stream.write(`${printable(line)}\n`);
      draw(last);
    },
    end: () => erase(),
  };
}

function plainProgress(stream: ScreenStream, { name, sizeBytes }: Options): DownloadProgress {
  let told = 0;
  stream.write(`Fetching ${printable(name)}, ${formatSize(sizeBytes)}\n`);
  return {
    at(doneBytes) {
      const step = sizeBytes === 0 ? PLAIN_STEPS : Math.floor((doneBytes / sizeBytes) * PLAIN_STEPS);
      if (step <= told) return;
      told = step;
      stream.write(`${(step * 100) / PLAIN_STEPS}%  ${formatSize(doneBytes)} of ${formatSize(sizeBytes)}\n`);
    },
    note: (line) => stream.write(`${printable(line)}\n`),
    end: () => undefined,
  };
}
