import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { formatLabelSelector, matchesLabels, parseLabelSelector } from './label-selector.ts';

/** What a kube-apiserver 1.36 answered to a list of nodes with these selectors. */
const takenByServer = [
  '',
  'x in ()',
  'x in (a,)',
  'x in (,)',
  'in in (in)',
  'x=',
  'x==,y',
  'x = in',
  '! x',
  'x in (in,notin)',
  'notin',
  'x notin(a)',
  'x!=a',
  'in',
  'in=in',
  'x>5',
  'x> 5,y',
  'a.b/c.d\tin\n(e)',
];
const refusedByServer = [
  'x in (a b)',
  'x,',
  ',x',
  '!x=1',
  'x>+5',
  'x>',
  'x>a',
  'x=(',
  '!!x',
  'x=a=b',
  'x in a',
  'x===b',
  'x=>5',
  'x in',
  'x in (a',
  '(',
  'x y',
  '/x',
  'x/',
  'A.b/c',
  'x/y/z',
  `${'x'.repeat(64)}`,
  `x=${'y'.repeat(64)}`,
  'x=-a',
  'x=\u00e9',
];

describe('parseLabelSelector', () => {
  it.each(takenByServer)('takes %j as the API server does', (text) => {
    const selector = parseLabelSelector(text);
    expect(parseLabelSelector(formatLabelSelector(selector))).toEqual(selector);
  });

  it.each(refusedByServer)('refuses %j as the API server does', (text) => {
    expect(() => parseLabelSelector(text, '--node-selector')).toThrow(MusterError);
    expect(() => parseLabelSelector(text, '--node-selector')).toThrow(/^--node-selector: /);
  });

  it('takes each kind of requirement apart', () => {
    expect(parseLabelSelector('a=1, b!=2,c in (y,x,y),d notin (z),e,!f,g>3,h<4')).toEqual([
      { key: 'a', operator: 'In', values: ['1'] },
      { key: 'b', operator: 'NotIn', values: ['2'] },
      { key: 'c', operator: 'In', values: ['x', 'y'] },
      { key: 'd', operator: 'NotIn', values: ['z'] },
      { key: 'e', operator: 'Exists' },
      { key: 'f', operator: 'DoesNotExist' },
      { key: 'g', operator: 'GreaterThan', value: 3n },
      { key: 'h', operator: 'LessThan', value: 4n },
    ]);
  });

  it('throws nothing but MusterError', () => {
    const near = fc.string({
      unit: fc.constantFrom('a', 'in', 'notin', ' ', ',', '(', ')', '=', '!', '<', '>', '/', '1'),
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        try {
          const selector = parseLabelSelector(text);
          expect(parseLabelSelector(formatLabelSelector(selector))).toEqual(selector);
        } catch (error) {
          expect(error).toBeInstanceOf(MusterError);
        }
      }),
      { numRuns: 5000, seed: 1 },
    );
  });
});

describe('matchesLabels', () => {
  const key = fc.constantFrom('a', 'b', 'toString');
  const value = fc.constantFrom('', '1', '2', '10', 'x');
  const labels = fc.dictionary(key, value, { maxKeys: 3 });

  it.each<readonly [string, (label: string | undefined, v: string, w: string) => boolean]>([
    ['KEY=V', (label, v) => label === v],
    ['KEY==V', (label, v) => label === v],
    ['KEY!=V', (label, v) => label !== v],
    ['KEY in (V,W)', (label, v, w) => label === v || label === w],
    ['KEY notin (V,W)', (label, v, w) => label !== v && label !== w],
    ['KEY', (label) => label !== undefined],
    ['!KEY', (label) => label === undefined],
    ['KEY>2', (label) => label === '10'],
    ['KEY<2', (label) => label === '1'],
  ])('%s means what Kubernetes documents', (shape, oracle) => {
    fc.assert(
      fc.property(labels, key, value, value, (have, name, v, w) => {
        const text = shape.replace('KEY', name).replace('V', v).replace('W', w);
        const label = Object.hasOwn(have, name) ? have[name] : undefined;
        expect(matchesLabels(parseLabelSelector(text), have)).toBe(oracle(label, v, w));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('asks for all of it, and for nothing when there is nothing', () => {
    expect(matchesLabels(parseLabelSelector('a=1,b'), { a: '1' })).toBe(false);
    expect(matchesLabels(parseLabelSelector('a=1,b'), { a: '1', b: '' })).toBe(true);
    expect(matchesLabels([], {})).toBe(true);
  });
});
