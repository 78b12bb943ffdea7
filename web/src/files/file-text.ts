import { type Match, MOST_MATCHES, matchesIn } from './find-text.ts';
import { createStretchReader, type LinePlace, type ReadBytes, stretchesFrom } from './read-stretches.ts';
import { endOf, isText, lineOffset, type Stretch } from './stretch.ts';

/** More are not kept: what leaves sight on one side goes. */
const MOST_STRETCHES = 4;

/** What a text was searched for, and found. */
export type Search = {
  readonly query: string;
  readonly matches: readonly Match[];
  /** The file was searched from its beginning to its end, or until there were too many. */
  readonly isWhole: boolean;
  /** Index of the one that is shown; -1 for none. */
  readonly at: number;
};

export type FileTextState = {
  readonly kind: 'opening' | 'failed' | 'binary' | 'text';
  readonly error: Error | undefined;
  readonly sizeBytes: number;
  /** What is at hand: stretches that follow each other. */
  readonly stretches: readonly Stretch[];
  /** Where in the file to look now; another object for each time. */
  readonly goal: { readonly offset: number } | undefined;
  /** What takes its time, and how far it has come. */
  readonly busy: { readonly what: 'reading' | 'line' | 'search'; readonly atBytes: number } | undefined;
  readonly search: Search;
  /** Why the last thing that was asked for did not happen. */
  readonly trouble: Error | 'no-such-line' | undefined;
};

/**
 * The text of one file, of which at most some MB are at hand, whatever its size. What is asked for last wins: it ends what
 * was under way.
 */
export type FileText = {
  subscribe(changed: () => void): () => void;
  snapshot(): FileTextState;
  /** Reads the beginning. */
  open(): Promise<void>;
  next(): Promise<void>;
  previous(): Promise<void>;
  toStart(): Promise<void>;
  toEnd(): Promise<void>;
  /** Counts lines up to this one, from 1. */
  toLine(line: number): Promise<void>;
  /** Finds the text in what is at hand. */
  find(query: string): void;
  /** Finds it in the whole file. */
  findAll(): Promise<void>;
  /** Shows the match so many steps on, around the end. */
  step(steps: number): Promise<void>;
  /** Ends what is under way. */
  stop(): void;
};

const START: LinePlace = { offset: 0, line: 1 };
const NO_SEARCH: Search = { query: '', matches: [], isWhole: true, at: -1 };

export function createFileText(read: ReadBytes): FileText {
  const reader = createStretchReader(read);
  const listeners = new Set<() => void>();
  const places: LinePlace[] = [START];
  let ending = new AbortController();
  let state: FileTextState = {
    kind: 'opening',
    error: undefined,
    sizeBytes: 0,
    stretches: [],
    goal: undefined,
    busy: undefined,
    search: NO_SEARCH,
    trouble: undefined,
  };
  const change = (changes: Partial<FileTextState>) => {
    state = { ...state, ...changes };
    for (const changed of listeners) changed();
  };
  const isWhole = () => state.stretches.reduce((sum, { bytes }) => sum + bytes.length, 0) === state.sizeBytes;

  /** Runs what waits for the network, alone. */
  const alone = async (what: 'reading' | 'line' | 'search', work: (signal: AbortSignal) => Promise<void>) => {
    ending.abort();
    ending = new AbortController();
    const { signal } = ending;
    change({ busy: { what, atBytes: 0 }, trouble: undefined });
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      const trouble = error instanceof Error ? error : new Error(String(error));
      change(state.kind === 'opening' ? { kind: 'failed', error: trouble } : { trouble });
    }
    if (!signal.aborted) change({ busy: undefined });
  };

  /** Shows stretches, and what was searched for in them. */
  const show = (stretches: readonly Stretch[], goal = state.goal) => {
    const { search } = state;
    change({ stretches, goal });
    if (!search.isWhole) change({ search: { ...findHere(search.query), at: -1 } });
  };
  const findHere = (query: string): Search => {
    const matches: Match[] = [];
    for (const stretch of state.stretches) {
      for (const match of matchesIn(stretch, query, MOST_MATCHES - matches.length)) matches.push(match);
    }
    return { query, matches, isWhole: query === '' || isWhole(), at: -1 };
  };
  const showFirst = async (signal: AbortSignal) => {
    const { stretch, sizeBytes } = await reader.first(signal);
    change({ kind: isText(stretch.bytes) ? 'text' : 'binary', sizeBytes });
    return stretch;
  };
  /** The stretches from the last known place on that is not behind what is wanted. */
  const scan = async function* (
    what: 'reading' | 'line' | 'search',
    isBefore: (place: LinePlace) => boolean,
    signal: AbortSignal,
  ) {
    const place = places.findLast(isBefore) ?? START;
    for await (const stretch of stretchesFrom(reader, await reader.at(place, signal), signal)) {
      const { offset, firstLine } = stretch;
      if (firstLine !== undefined && offset > (places.at(-1)?.offset ?? 0)) places.push({ offset, line: firstLine });
      yield stretch;
      change({ busy: { what, atBytes: endOf(stretch) } });
    }
  };

  /** Shows the place, and reads there when it is not at hand. */
  const toByte = (offset: number) => {
    if (state.stretches.some((stretch) => stretch.offset <= offset && offset < endOf(stretch))) {
      change({ goal: { offset } });
      return Promise.resolve();
    }
    return alone('reading', async (signal) => {
      for await (const stretch of scan('reading', (place) => place.offset <= offset, signal)) {
        if (offset < endOf(stretch)) return show([stretch], { offset });
      }
    });
  };

  const toLine = (line: number) =>
    alone('line', async (signal) => {
      const here = state.stretches.map((stretch) => lineOffset(stretch, line)).find((offset) => offset !== undefined);
      if (here !== undefined) return change({ goal: { offset: here } });
      for await (const stretch of scan('line', (place) => place.line <= line, signal)) {
        const offset = lineOffset(stretch, line);
        if (offset !== undefined) return show([stretch], { offset });
      }
      change({ trouble: 'no-such-line' });
    });

  return {
    snapshot: () => state,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    open: () => alone('reading', async (signal) => show([await showFirst(signal)])),
    next: () =>
      alone('reading', async (signal) => {
        const last = state.stretches.at(-1);
        const next = last && (await reader.after(last, signal));
        if (next !== undefined) show([...state.stretches, next].slice(-MOST_STRETCHES));
      }),
    previous: () =>
      alone('reading', async (signal) => {
        const first = state.stretches[0];
        const previous = first && (await reader.before(first, signal));
        if (previous !== undefined) show([previous, ...state.stretches].slice(0, MOST_STRETCHES));
      }),
    toStart: () => alone('reading', async (signal) => show([await showFirst(signal)], { offset: 0 })),
    toEnd: () =>
      alone('reading', async (signal) => {
        const last = state.stretches.at(-1);
        const isHere = last !== undefined && endOf(last) === state.sizeBytes;
        show(isHere ? state.stretches : [await reader.last(signal)], { offset: state.sizeBytes });
      }),
    toLine,
    find: (query) => {
      if (state.busy?.what === 'search') ending.abort();
      change({ search: findHere(query), busy: state.busy?.what === 'search' ? undefined : state.busy });
    },
    findAll: () =>
      alone('search', async (signal) => {
        const { query } = state.search;
        const matches: Match[] = [];
        for await (const stretch of scan('search', ({ offset }) => offset === 0, signal)) {
          matches.push(...matchesIn(stretch, query, MOST_MATCHES - matches.length));
          if (matches.length === MOST_MATCHES) break;
        }
        change({ search: { query, matches, isWhole: true, at: -1 } });
      }),
    step: async (steps) => {
      const { search } = state;
      const count = search.matches.length;
      const at = search.at === -1 && steps < 0 ? count - 1 : (search.at + steps + count) % count;
      const match = search.matches[at];
      if (match === undefined) return;
      change({ search: { ...search, at } });
      await toByte(match.offset);
    },
    stop: () => {
      ending.abort();
      change({ busy: undefined });
    },
  };
}
