import { Writable } from 'node:stream';
import { main } from './main.ts';
import type { ScreenStream } from './screen.ts';

export type RunOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly interrupt?: AbortSignal;
  readonly nowMs?: number;
  /** Standard output and error are a terminal's. */
  readonly isTTY?: boolean;
};

export type RunResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** For tests: one command line in this process. */
export async function runMuster(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [out, err] = [collector(options.isTTY), collector(options.isTTY)];
  const exitCode = await main(
    {
      name: 'muster',
      env: options.env ?? {},
      stdout: out.stream,
      stderr: err.stream,
      interrupt: options.interrupt ?? new AbortController().signal,
      now: () => options.nowMs ?? Date.parse('2026-11-21T10:30:00Z'),
      exitCode: 0,
    },
    args,
  );
  return { exitCode, stdout: out.text(), stderr: err.text() };
}

/** A stream that keeps what is written to it. */
export function collector(isTTY = false): { readonly stream: ScreenStream; text(): string } {
  let text = '';
  const stream: ScreenStream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  if (isTTY) Object.assign(stream, { isTTY, columns: 100, rows: 24 });
  return { stream, text: () => text };
}
