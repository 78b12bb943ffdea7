import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMaps } from './kinds/config-map.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { listPage, startWatch } from './reading.ts';
import type { Stored } from './resource.ts';
import { fieldMatcher, labelMatcher } from './selectors.ts';
import { createStore, type Store } from './store.ts';

const runs = { numRuns: process.env.MUSTER_LONG ? 5000 : 200, seed: 4 };
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const step = fc.record({
  name,
  label: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  removes: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(store: Store, { name: of, label, removes }: Step): void {
  const current = store.get(configMaps, 'n', of);
  if (removes && current) store.remove(configMaps, current);
  else store.put(configMaps, { metadata: { name: of, namespace: 'n', labels: label ? { l: label } : {} } });
}
const query = (text: string) => new URLSearchParams(text);
const names = (objects: readonly Stored[]) => objects.map(({ metadata }) => metadata.name);

describe('reading', () => {
  it('list and watch add up to what the store holds, from any revision and with any selector', () => {
    const selector = fc.constantFrom('', 'l=x', 'l', '!l', 'l notin (x)');
    fc.assert(
      fc.property(fc.array(step), fc.array(step), fc.array(step), selector, (before, between, after, labelSelector) => {
        const store = createStore();
        const selection = { resource: configMaps, namespace: 'n', query: new URLSearchParams({ labelSelector }) };
        for (const each of before) take(store, each);
        const { items, metadata } = listPage(store, selection);
        const seen = new Map(items.map((object) => [object.metadata.name, object]));
        for (const each of between) take(store, each);
        const watched = new URLSearchParams({ labelSelector, resourceVersion: metadata.resourceVersion });
        startWatch(store, { ...selection, query: watched }, ({ type, object }) => {
          expect(seen.has(object.metadata.name)).toBe(type !== 'ADDED');
          if (type === 'DELETED') seen.delete(object.metadata.name);
          else seen.set(object.metadata.name, object);
        });
        for (const each of after) take(store, each);
        const now = listPage(store, selection).items;
        expect([...seen.values()].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))).toEqual(
          now,
        );
      }),
      runs,
    );
  });

  it('pages show one state, whatever happens between them', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), fc.integer({ min: 1, max: 4 }), (before, between, limit) => {
        const store = createStore();
        for (const each of before) take(store, each);
        const selection = { resource: configMaps, namespace: 'n' };
        const whole = listPage(store, { ...selection, query: query('') }).items;
        const paged: Stored[] = [];
        let token = '';
        do {
          const page = listPage(store, { ...selection, query: query(`limit=${limit}&continue=${token}`) });
          expect(page.items.length).toBeLessThanOrEqual(limit);
          paged.push(...page.items);
          token = page.metadata.continue ?? '';
          for (const each of between) take(store, each);
        } while (token !== '');
        expect(paged).toEqual(whole);
      }),
      runs,
    );
  });

  it('answers a page of a forgotten state with 410', () => {
    const store = createStore(3);
    for (const each of ['a', 'b'] as const) take(store, { name: each, label: undefined, removes: false });
    const selection = { resource: configMaps, namespace: 'n' };
    const { metadata } = listPage(store, { ...selection, query: query('limit=1') });
    for (let i = 0; i < 4; i++) take(store, { name: 'c', label: undefined, removes: false });
    const next = () => listPage(store, { ...selection, query: query(`limit=1&continue=${metadata.continue}`) });
    expect(next).toThrow(expect.objectContaining({ code: 410, reason: 'Expired' }));
  });
});

describe('selectors', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'x.io/c'), fc.constantFrom('1', '2', ''));
  const key = fc.constantFrom('a', 'b', 'x.io/c');
  const value = fc.constantFrom('1', '2', '3');
  const of = (given: Record<string, string>): Stored => ({ metadata: { name: 'n', labels: given } });

  it('every requirement and its opposite part all objects', () => {
    fc.assert(
      fc.property(labels, key, value, (given, k, v) => {
        const is = (selector: string) => labelMatcher(selector)(of(given));
        expect(is(`${k}=${v}`)).toBe(given[k] === v);
        expect(is(`${k}!=${v}`)).toBe(given[k] !== v);
        expect(is(k)).toBe(k in given);
        expect(is(`!${k}`)).toBe(!(k in given));
        expect(is(`${k} in (${v}, 9)`)).toBe(given[k] === v);
        expect(is(`${k} notin (9,${v})`)).toBe(given[k] !== v);
        expect(is(`${k},${k}!=${v}`)).toBe(k in given && given[k] !== v);
      }),
      runs,
    );
  });

  it('refuses what is no selector, and fields that it does not know', () => {
    for (const selector of ['a in', 'a in (1', '=1', 'a b', 'a,,b']) {
      expect(() => labelMatcher(selector)).toThrow(expect.objectContaining({ code: 400 }));
    }
    expect(names([of({})].filter(fieldMatcher('metadata.name!=m', configMaps)))).toEqual(['n']);
    expect(() => fieldMatcher('data.x=1', configMaps)).toThrow(expect.objectContaining({ code: 400 }));
  });
});

describe('patches', () => {
  it('a merge patch does what RFC 7386 says, and does it once', () => {
    expect(mergePatch({ a: { b: 'c' } }, { a: { b: 'd', c: null } })).toEqual({ a: { b: 'd' } });
    expect(mergePatch({ a: [{ b: 'c' }] }, { a: [1] })).toEqual({ a: [1] });
    const value = fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
    fc.assert(
      fc.property(value, value, (target, patch) => {
        const before = structuredClone(target);
        const once = mergePatch(target, patch);
        expect(target).toEqual(before);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
      runs,
    );
  });

  it('a JSON patch leaves its target alone, and refuses what cannot be done', () => {
    const target = { a: { b: 1 } };
    expect(jsonPatch(target, [{ op: 'replace', path: '/a/b', value: 2 }])).toEqual({ a: { b: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
    for (const operation of [
      { op: 'test', path: '/a/b', value: 3 },
      { op: 'remove', path: '/no' },
    ]) {
      expect(() => jsonPatch(target, [operation])).toThrow(expect.objectContaining({ code: 422 }));
    }
    expect(() => jsonPatch(target, { op: 'remove' })).toThrow(expect.objectContaining({ code: 400 }));
  });
});
