import { lineAt, type Stretch } from './stretch.ts';

/** One place where a text was found. */
export type Match = {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  readonly line: number | undefined;
};

/** More are not counted. */
export const MOST_MATCHES = 10_000;

/** Finds the text as it is typed; letters of ASCII in both cases. For text that is decoded as what it is. */
export function patternOf(query: string): RegExp {
  const source = [...query].map((character) => {
    if (/[a-z]/i.test(character)) return `[${character.toLowerCase()}${character.toUpperCase()}]`;
    return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  return new RegExp(source.join(''), 'g');
}

// One character for each byte (every byte has one), so that places in the text are places in the file.
const bytewise = new TextDecoder('windows-1252');

/** Where the stretch has the text, at most `most` times, in order. */
export function matchesIn(stretch: Stretch, query: string, most = MOST_MATCHES): readonly Match[] {
  if (query === '') return [];
  const pattern = patternOf(bytewise.decode(new TextEncoder().encode(query)));
  const found: Match[] = [];
  for (const { index } of bytewise.decode(stretch.bytes).matchAll(pattern)) {
    if (found.length === most) break;
    const offset = stretch.offset + index;
    found.push({ offset, line: lineAt(stretch, offset) });
  }
  return found;
}
