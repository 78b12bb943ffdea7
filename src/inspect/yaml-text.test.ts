import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlDocument, yamlList } from './yaml-text.ts';

const numRuns = process.env.MUSTER_LONG ? 20_000 : 500;
/** Strings that YAML 1.1 or 1.2 would read as something else, and ones that break lines. */
const awkward = [
  'yes',
  'off',
  'null',
  '~',
  '1e3',
  '0o7',
  '0777',
  '1:30',
  '2026-11-21',
  '=',
  '<<',
  ' a',
  'a: b',
  '# c',
  '- d',
  '|',
  'a\nb\n',
  '\t',
  'x\r\ny',
  '\u2028',
  '\u0085',
  '---',
  '...\n',
];
const text = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme' }));
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  map: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    tie('any'),
    { maxKeys: 4 },
  ),
})).map;

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  return (await Array.fromAsync(pieces)).join('');
}

async function* items(objects: readonly unknown[], failure?: Error) {
  yield* objects;
  if (failure) throw failure;
}

describe('YAML', () => {
  it('reads back as what it was, by the rules of 1.2 and of 1.1', () => {
    fc.assert(
      fc.property(value, (object) => {
        const written = yamlDocument(object);
        const plain = JSON.parse(JSON.stringify(object));
        expect(parse(written)).toEqual(plain);
        expect(parse(written, { version: '1.1' })).toEqual(plain);
      }),
      { numRuns, seed: 3 },
    );
  });

  it('is sorted and flat as Go prints it', () => {
    expect(yamlDocument({ b: [{ c: 'x' }], a: 'no' })).toBe('---\na: "no"\nb:\n- c: x\n');
  });

  it('of a list in pieces is one document', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 5 }), async (objects) => {
        const written = parse(await textOf(yamlList('v1', 'Pod', items(objects))));
        const plain = JSON.parse(JSON.stringify(objects));
        expect(written).toEqual({ apiVersion: 'v1', items: plain, kind: 'PodList', metadata: { resourceVersion: '' } });
      }),
      { numRuns: numRuns / 5, seed: 3 },
    );
  });

  it('of a list that was cut off is a list, and the failure is thrown', async () => {
    const read: string[] = [];
    const reading = (async () => {
      for await (const piece of yamlList('v1', 'Pod', items([{ a: 1 }], new Error('cut')))) read.push(piece);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(parse(read.join(''))).toMatchObject({ items: [{ a: 1 }], kind: 'PodList' });
  });
});
