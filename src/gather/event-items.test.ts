import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type EventRow, eventRowsOf } from '../inspect/event-rows.ts';
import { eventItems } from './event-items.ts';

async function rowsOf(text: string, pieceBytes = 50): Promise<EventRow[]> {
  const bytes = Buffer.from(text);
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  const rows: EventRow[] = [];
  for await (const item of eventItems(pieces())) rows.push(...eventRowsOf(item));
  return rows;
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    'kind: x',
    '- a',
    'two\nlines',
    '\n',
    'items:',
    '---',
    '  managedFields:',
    "it's",
    'a: |\n  b\n\n    c',
  ),
);
const event = fc.record({
  kind: fc.constant('Event'),
  involvedObject: fc.record({ kind: text, name: text }),
  message: text,
  metadata: fc.record({
    managedFields: fc.array(fc.record({ manager: text, fieldsV1: fc.dictionary(text, fc.constant({})) }), {
      maxLength: 2,
    }),
    name: text,
    namespace: text,
  }),
  reason: text,
  lastTimestamp: fc.constantFrom('2026-11-21T05:00:00Z', null),
  count: fc.nat(9),
});

test('read item by item, a list has the rows that it has when it is read whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom('EventList', 'List'),
      fc.integer({ min: 1, max: 200 }),
      async (items, indentSeq, kind, pieceBytes) => {
        // Keys in their order, as Kubernetes' libraries write them: the list's kind comes behind its items.
        const list = stringify({ apiVersion: 'v1', items, kind, metadata: { resourceVersion: '1' } }, { indentSeq });
        expect(await rowsOf(list, pieceBytes)).toEqual(eventRowsOf(list));
        const twice = `---\n${list}---\n${list}`;
        expect(await rowsOf(twice, pieceBytes)).toEqual(eventRowsOf(twice));
      },
    ),
    { numRuns: process.env.MUSTER_LONG ? 5000 : 300 },
  );
});

test.each([
  ['one event', 'kind: Event\nreason: Started\n'],
  ['JSON', JSON.stringify({ kind: 'EventList', items: [{ reason: 'Started' }] })],
  ['a flow list', 'kind: EventList\nitems: [{reason: Started}]\n'],
  ['a list whose kind comes first', 'kind: EventList\nitems:\n- reason: Started\n'],
  ['Windows line ends', 'kind: EventList\r\nitems:\r\n- reason: Started\r\n'],
  ['several documents', '# a comment\n---\nkind: Event\nreason: Started\n---\nkind: Pod\n...\n'],
])('%s is read as well', async (_name, yaml) => {
  expect((await rowsOf(yaml)).map(({ reason }) => reason)).toEqual(['Started']);
});

test('nothing, an empty list and other kinds have no rows', async () => {
  for (const yaml of ['', '\n', 'kind: EventList\nitems: []\n', 'items:\n- kind: Pod\n', 'items:\nkind: List\n']) {
    expect(await rowsOf(yaml)).toEqual([]);
  }
});

test('what is no YAML is told, and so is what is too long for one document', async () => {
  await expect(rowsOf('items:\n- {"a\n')).rejects.toThrow();
  await expect(rowsOf(`a: ${'x'.repeat(2 ** 20)}\n`, 65_536)).rejects.toThrow(/no list of events/);
  await expect(rowsOf('x'.repeat(2 ** 23), 65_536)).rejects.toThrow(/too long/);
});

test('an item that is no event by its size is passed over', async () => {
  const list = `items:\n- kind: Event\n  reason: A\n- kind: Event\n  message: >-\n${'    x\n'.repeat(200_000)}- kind: Event\n  reason: B\n`;
  expect((await rowsOf(list, 65_536)).map(({ reason }) => reason)).toEqual(['A', 'B']);
});
