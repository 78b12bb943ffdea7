/** The last lines of a log, bounded, whatever its length. */
export type LogWindow = {
  /** Lines that came, from the first of the log. */
  readonly total: number;
  /** Lines that are no longer held: the first one held has this place, counted from 0. */
  readonly dropped: number;
  readonly held: number;
  /** How often text came. */
  readonly pushes: number;
  /** By its place in the whole log; empty where it is not held. */
  line(place: number): string;
  /** Text as it comes; its last line may go on in the next text. */
  push(text: string): void;
  /** Begins at the first line once more, as a stream that was cut does: what came before is passed over. */
  restart(): void;
};

/** Held at most; one of them is cut at `LONGEST_LINE`. About 100 MB of text at the most, 20 MB of a usual log. */
const MOST_LINES = 200_000;
const MOST_CHARACTERS = 40_000_000;
export const LONGEST_LINE = 10_000;

type Bounds = { readonly mostLines?: number; readonly mostCharacters?: number };

/**
 * Holds the end of a log. Empty lines are left out: they come while nothing else does, so that no proxy cuts the stream,
 * and each line of a log begins with its gather.
 */
export function createLogWindow({ mostLines = MOST_LINES, mostCharacters = MOST_CHARACTERS }: Bounds = {}): LogWindow {
  let lines: string[] = [];
  let dropped = 0;
  let characters = 0;
  let rest = '';
  let toPassOver = 0;
  let pushes = 0;

  const add = (line: string) => {
    if (line === '') return;
    if (toPassOver > 0) {
      toPassOver -= 1;
      return;
    }
    const shown = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
    lines.push(shown);
    characters += shown.length;
  };
  /** A tenth at a time, so that each line is moved a few times at most. */
  const drop = () => {
    while (lines.length > mostLines || (characters > mostCharacters && lines.length > 1)) {
      const going = lines.slice(0, Math.max(1, Math.floor(lines.length / 10)));
      for (const line of going) characters -= line.length;
      dropped += going.length;
      lines = lines.slice(going.length);
    }
  };
  return {
    get total() {
      return dropped + lines.length;
    },
    get dropped() {
      return dropped;
    },
    get held() {
      return lines.length;
    },
    get pushes() {
      return pushes;
    },
    line: (place) => lines[place - dropped] ?? '',
    push: (text) => {
      pushes += 1;
      const parts = text.split('\n');
      parts[0] = rest + (parts[0] ?? '');
      const last = parts.pop() ?? '';
      for (const line of parts) add(line);
      // What follows in a line that is too long already is not shown.
      rest = last.slice(0, LONGEST_LINE + 1);
      drop();
    },
    restart: () => {
      toPassOver = dropped + lines.length;
      rest = '';
    },
  };
}

/** Places of the lines in which a text occurs, in any case; looks only at what came since it was asked last. */
export function createLogSearch(log: LogWindow, text: string): () => readonly number[] {
  const wanted = text.toLowerCase();
  let places: number[] = [];
  let seen = 0;
  return () => {
    if (wanted === '') return places;
    const first = places.findIndex((place) => place >= log.dropped);
    const kept = first === -1 ? [] : places.slice(first);
    const more: number[] = [];
    for (let place = Math.max(seen, log.dropped); place < log.total; place += 1) {
      if (log.line(place).toLowerCase().includes(wanted)) more.push(place);
    }
    seen = log.total;
    // The same list as before where nothing is new, so that nothing is drawn again.
    if (more.length > 0 || kept.length !== places.length) places = [...kept, ...more];
    return places;
  };
}
