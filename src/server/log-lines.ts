/** A line longer than this is told in pieces, each a line of its own: a log without line breaks fits into memory. */
const LONGEST_LINE = 64 * 1024;

/** Whole lines of a gather's log, each with the gather's name before it; one text for each piece that came. */
export async function* prefixedLines(gather: string, log: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const prefix = `[${gather}] `;
  let rest = '';
  const prefixed = (lines: readonly string[]) => lines.map((line) => `${prefix}${line}\n`).join('');
  for await (const bytes of log) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    while (rest.length >= LONGEST_LINE) {
      lines.push(rest.slice(0, LONGEST_LINE));
      rest = rest.slice(LONGEST_LINE);
    }
    if (lines.length > 0) yield prefixed(lines);
  }
  rest += decoder.decode();
  if (rest !== '') yield prefixed([rest]);
}
