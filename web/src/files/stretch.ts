/** Whole lines read from one place of a file, as far as they were read; a line that is longer than what was read is cut. */
export type Stretch = {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Where each row begins, in bytes from the beginning of the stretch. A long line is several rows. */
  readonly rowStarts: Uint32Array;
  /** How many lines begin before each row, in the stretch. */
  readonly rowLines: Uint32Array;
  readonly lineBreaks: number;
  /** Number of its first line in the file, from 1; undefined where nobody has counted up to here. */
  readonly firstLine: number | undefined;
};

/** Read and kept at a time. */
export const STRETCH_BYTES = 2_000_000;
/** So many rows of 20 pixels stay far below the height at which browsers stop (17 million pixels in Firefox). */
const MOST_ROWS = 50_000;
/** A longer line goes on in the next row: the browser lays out a row at once. */
const ROW_BYTES = 4_000;
const LINE_FEED = 10;

export type StretchPlace = {
  readonly offset: number;
  /** Its last byte is the file's last. */
  readonly isEnd: boolean;
  readonly firstLine: number | undefined;
};

/** Makes a stretch of the bytes from `offset` on, which begin with a line; it ends with the last whole line of them. */
export function cutStretch(bytes: Uint8Array, { offset, isEnd, firstLine }: StretchPlace): Stretch {
  const lastBreak = bytes.lastIndexOf(LINE_FEED);
  const wholeBytes = isEnd || lastBreak === -1 ? bytes.length : lastBreak + 1;
  const { starts, lines, endsAt, breaks } = findRows(bytes.subarray(0, wholeBytes), MOST_ROWS);
  return {
    offset,
    bytes: bytes.subarray(0, endsAt),
    rowStarts: Uint32Array.from(starts),
    rowLines: Uint32Array.from(lines),
    lineBreaks: breaks,
    firstLine,
  };
}

/** Makes a stretch of the bytes that end where `before` begins: of so many rows as one may have, the last ones. */
export function cutStretchBefore(bytes: Uint8Array, { before }: { readonly before: Stretch }): Stretch {
  const offset = before.offset - bytes.length;
  const isFromStart = offset === 0;
  // The first line may have begun earlier; what is left of it is shown with the stretch before. Unless it is all there is.
  const nextLine = bytes.indexOf(LINE_FEED) + 1;
  const begin = isFromStart || nextLine === bytes.length ? 0 : nextLine;
  const all = findRows(bytes.subarray(begin), Number.POSITIVE_INFINITY);
  const drop = Math.max(0, all.starts.length - MOST_ROWS);
  const cut = begin + (all.starts[drop] ?? 0);
  const droppedBreaks = all.lines[drop] ?? 0;
  const kept = bytes.subarray(cut);
  const lineBreaks = all.breaks - droppedBreaks;
  return {
    offset: offset + cut,
    bytes: kept,
    rowStarts: Uint32Array.from(all.starts.slice(drop), (start) => start - (cut - begin)),
    rowLines: Uint32Array.from(all.lines.slice(drop), (line) => line - droppedBreaks),
    lineBreaks,
    firstLine: before.firstLine === undefined ? undefined : before.firstLine - lineBreaks,
  };
}

/** Where the lines and the rows of them begin, at most `most` rows. */
function findRows(bytes: Uint8Array, most: number) {
  const starts: number[] = [];
  const lines: number[] = [];
  let breaks = 0;
  let at = 0;
  while (at < bytes.length && starts.length < most) {
    starts.push(at);
    lines.push(breaks);
    const feed = bytes.indexOf(LINE_FEED, at);
    const lineEnd = feed === -1 ? bytes.length : feed + 1;
    if (lineEnd - at > ROW_BYTES + 1) {
      at = characterStart(bytes, at + ROW_BYTES);
    } else {
      at = lineEnd;
      if (feed !== -1) breaks += 1;
    }
  }
  return { starts, lines, endsAt: at, breaks };
}

/** The beginning of the UTF-8 character that a byte belongs to (RFC 3629: what follows begins with the bits 10). */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let back = 0; back < 4; back += 1) {
    if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  }
  return at;
}

/** Where the stretch ends in the file, in bytes. */
export function endOf({ offset, bytes }: Stretch): number {
  return offset + bytes.length;
}

const decoder = new TextDecoder();

/** One row as it is shown. */
export type Row = {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  readonly text: string;
  /** The number of the line that begins here; undefined where one goes on, or nobody has counted. */
  readonly line: number | undefined;
};

/** Reads a row by its index in the stretch. */
export function rowOf(stretch: Stretch, index: number): Row {
  const start = stretch.rowStarts[index] ?? stretch.bytes.length;
  const end = stretch.rowStarts[index + 1] ?? stretch.bytes.length;
  const isLineStart = index === 0 || stretch.rowLines[index] !== stretch.rowLines[index - 1];
  const { firstLine } = stretch;
  return {
    offset: stretch.offset + start,
    text: decoder.decode(stretch.bytes.subarray(start, end)).replace(/\r?\n$/, ''),
    line: isLineStart && firstLine !== undefined ? firstLine + (stretch.rowLines[index] ?? 0) : undefined,
  };
}

/** The row that holds a byte of the file. */
export function rowIndexAt({ offset, rowStarts }: Stretch, byte: number): number {
  return lastAtMost(rowStarts, byte - offset);
}

/** The byte of the file at which a line begins that is in the stretch; undefined where it is not. */
export function lineOffset({ offset, firstLine, rowStarts, rowLines }: Stretch, line: number): number | undefined {
  if (firstLine === undefined || line < firstLine) return undefined;
  const index = rowLines.indexOf(line - firstLine);
  return index === -1 ? undefined : offset + (rowStarts[index] ?? 0);
}

/** The line that holds a byte of the file. */
export function lineAt(stretch: Stretch, byte: number): number | undefined {
  if (stretch.firstLine === undefined) return undefined;
  return stretch.firstLine + (stretch.rowLines[rowIndexAt(stretch, byte)] ?? 0);
}

/** Index of the last number that is not above; 0 where all are. The numbers rise. */
function lastAtMost(numbers: Uint32Array, limit: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

/** Whether a file is shown as text, by its first bytes: text has no NUL byte and few other control characters. */
export function isText(bytes: Uint8Array): boolean {
  const first = bytes.subarray(0, 8_000);
  if (first.includes(0)) return false;
  const odd = first.filter((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27).length;
  const replaced = decoder.decode(first).split('\uFFFD').length - 1;
  return odd + replaced <= first.length / 10;
}
