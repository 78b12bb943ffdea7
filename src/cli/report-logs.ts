import { createInterface } from 'node:readline';
import { printable } from './printable.ts';
import { pathOf } from './report-answer.ts';
import type { ScreenStream } from './screen.ts';
import { asServiceError, type ServiceClient } from './service-client.ts';
import { writeText } from './write-text.ts';

export type LogsOptions = {
  readonly service: ServiceClient;
  readonly key: string;
  readonly follow: boolean;
  readonly gather: string | undefined;
  readonly stream: ScreenStream;
  readonly signal: AbortSignal;
};

/** Writes the log of a report, as long as it grows where that is asked for, no faster than it is read. */
export async function printLogs({ service, key, follow, gather, stream, signal }: LogsOptions): Promise<void> {
  const query = new URLSearchParams({
    ...(follow ? { follow: 'true' } : {}),
    ...(gather === undefined ? {} : { gather }),
  });
  const answer = await service.open(`${pathOf(key)}/logs?${query}`, { headers: { accept: 'text/plain' }, signal });
  const lines = createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value: line } = await lines.next().catch((error) => {
        throw asServiceError(service.url, error, signal);
      });
      if (done) break;
      // The service sends empty lines while nothing happens.
      if (follow && line === '') continue;
      await writeText(stream, `${stream.isTTY ? printable(line) : line}\n`, signal);
    }
    // readline ends at a cut as it ends at an end.
    if (answer.errored !== null) throw asServiceError(service.url, answer.errored, signal);
  } finally {
    answer.destroy();
  }
}
