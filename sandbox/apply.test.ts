import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyObject } from './apply.ts';
import { configMaps } from './kinds/config-map.ts';
import { namespaces } from './kinds/namespace.ts';
import { createObjects } from './objects.ts';
import { createStore } from './store.ts';

const managers = ['one', 'two', 'three'];
const value = fc.constantFrom('x', 'y');
const data = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);
const step = fc.record({ manager: fc.constantFrom(...managers), data });
type Data = Record<string, string>;

/** The same with a plain table of who owns what: what apply should come to. */
function model() {
  const owned = new Map<string, Set<string>>(managers.map((manager) => [manager, new Set()]));
  const current: Data = {};
  const isOwned = (key: string) => [...owned.values()].some((keys) => keys.has(key));
  return (manager: string, applied: Data): Data => {
    for (const [key, is] of Object.entries(applied)) {
      if (current[key] !== is) for (const keys of owned.values()) keys.delete(key);
      current[key] = is;
    }
    const before = owned.get(manager) ?? new Set();
    owned.set(manager, new Set(Object.keys(applied)));
    for (const key of before) if (!isOwned(key)) delete current[key];
    return current;
  };
}

it('leaves what somebody applies and nothing that nobody does any more, in any order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const store = createStore();
      const objects = createObjects(store, { now: () => new Date(0), uuid: randomUUID });
      objects.create({ resource: namespaces, namespace: undefined, name: '' }, { metadata: { name: 'n' } });
      const expected = model();
      for (const { manager, data: applied } of steps) {
        const call = {
          caller: { username: 'me', groups: [] },
          target: { resource: configMaps, namespace: 'n', name: 'one' },
          method: 'PATCH',
          accept: '',
          query: new URLSearchParams({ fieldManager: manager, force: 'true' }),
          contentType: 'application/apply-patch+yaml',
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: applied },
        };
        const { object } = applyObject({ store, objects }, call);
        expect(object.data ?? {}).toEqual(expected(manager, applied));
        const { object: again } = applyObject({ store, objects }, call);
        expect(again).toEqual(object);
      }
    }),
    { numRuns: process.env.MUSTER_LONG === undefined ? 300 : 20_000, ...(process.env.MUSTER_LONG ? {} : { seed: 1 }) },
  );
});
