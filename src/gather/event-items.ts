/** An item above this is no event; the API server takes no object above 1.5 MiB. */
const LONGEST_ITEM = 2 ** 20;
/** Of a file that is no list in the usual form: parsed whole, at 30 times its size in memory. */
const LONGEST_WHOLE = 2 ** 19;
const LONGEST_FILE_BYTES = 2 ** 30;

/**
 * The events of an `events.yaml` as YAML documents of one event each, so that a list of any length is read in little
 * memory: a list as kubectl, oc and Kubernetes' libraries write it is taken apart at its items, anything else comes whole.
 * Throws when that is too long.
 */
export async function* eventItems(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const list = createItems();
  for await (const line of linesOf(content)) yield* list.take(line);
  yield* list.end();
}

/** Takes lines, and gives documents back as they become whole. */
function createItems() {
  /** Before the items of a document, among them, or behind them. */
  let place: 'head' | 'items' | 'tail' = 'head';
  /** Lines of a document until it turns out to be a list. */
  let head = createLines(LONGEST_WHOLE);
  let item = createLines(LONGEST_ITEM);
  /** What stands before the dash of an item. */
  let indent: string | undefined;
  let inManagedFields = false;

  const endItem = function* (): Generator<string> {
    if (!item.isEmpty() && !item.isTooLong()) yield `kind: EventList\nitems:\n${item.text()}`;
    item = createLines(LONGEST_ITEM);
    inManagedFields = false;
  };
  const takeHead = (line: string) => {
    if (line === 'items:') place = 'items';
    else head.add(line);
    if (head.isTooLong()) throw new Error(`it is no list of events, and longer than ${LONGEST_WHOLE} characters`);
  };
  /** Who wrote which field: half of an event's text, and nothing that a row shows. */
  const isManagedField = (line: string): boolean => {
    const before = `${indent}    `;
    inManagedFields &&= line === '' || line.startsWith(`${before} `) || line.startsWith(`${before}-`);
    inManagedFields ||= line === `${before}managedFields:`;
    return inManagedFields;
  };
  const takeItem = function* (line: string): Generator<string> {
    indent ??= /^( *)- /.exec(line)?.[1];
    if (line.startsWith(`${indent}- `)) yield* endItem();
    else if (line !== '' && !line.startsWith(`${indent} `)) {
      // What stands no deeper than the dash belongs to the list: its kind, its metadata.
      yield* endItem();
      place = 'tail';
      return;
    }
    if (!isManagedField(line)) item.add(line);
  };
  const endDocument = function* (): Generator<string> {
    yield* endItem();
    if (place === 'head' && !head.isEmpty()) yield head.text();
    head = createLines(LONGEST_WHOLE);
    place = 'head';
    indent = undefined;
  };
  return {
    *take(line: string): Generator<string> {
      if (/^---(\s|$)/.test(line)) yield* endDocument();
      else if (place === 'head') takeHead(line);
      else if (place === 'items') yield* takeItem(line);
    },
    end: endDocument,
  };
}

/** Lines that are kept up to a length in characters. */
function createLines(mostCharacters: number) {
  const lines: string[] = [];
  let characters = 0;
  return {
    add(line: string): void {
      characters += line.length + 1;
      if (characters <= mostCharacters) lines.push(line);
    },
    isEmpty: () => lines.every((line) => line.trim() === ''),
    isTooLong: () => characters > mostCharacters,
    text: () => `${lines.join('\n')}\n`,
  };
}

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > LONGEST_FILE_BYTES) throw new Error(`it is larger than ${LONGEST_FILE_BYTES} bytes`);
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > 4 * LONGEST_ITEM) throw new Error('a line of it is too long');
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
