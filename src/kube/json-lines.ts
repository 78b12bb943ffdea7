import type { Readable } from 'node:stream';
import { cut } from './errors.ts';

// etcd takes no object above 1.5 MB, aggregated APIs may; a line beyond this is not an event.
const longestLineBytes = 16 * 1024 * 1024;
const newline = 10;

/**
 * The values of a stream of JSON lines, however they are spread over chunks. What stands after the last line break is
 * a line that was cut off, and left out. Throws `KubeError` for a line that is too long or no JSON.
 */
export async function* jsonLines(body: Readable, request: string): AsyncGenerator<unknown> {
  let pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let at = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, at)) {
      yield parse([...pieces, chunk.subarray(at, end)], request);
      pieces = [];
      sizeBytes = 0;
      at = end + 1;
    }
    if (at < chunk.length) {
      pieces.push(chunk.subarray(at));
      sizeBytes += chunk.length - at;
    }
    if (sizeBytes > longestLineBytes)
      throw cut(request, 'LineTooLong', `a line is longer than ${longestLineBytes} bytes`);
  }
}

function parse(pieces: readonly Buffer[], request: string): unknown {
  const text = Buffer.concat(pieces).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw cut(request, 'NotJson', 'a line is not JSON', error);
  }
}
