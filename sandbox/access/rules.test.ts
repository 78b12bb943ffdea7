import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pods } from '../kinds/pod.ts';
import { attributesOf } from './attributes.ts';
import { allows, type Rule, uncovered } from './rules.ts';

const some = (...words: string[]) => fc.subarray(words, { minLength: 1 });
const anyRule: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({
    verbs: some('get', 'list', '*'),
    apiGroups: some('', 'apps', '*'),
    resources: some('pods', 'pods/log', '*/scale', 'deployments/scale', '*'),
    resourceNames: fc.subarray(['a', 'b']),
    nonResourceURLs: fc.constant([]),
  }),
  fc.record({
    verbs: some('get', 'list', '*'),
    apiGroups: fc.constant([]),
    resources: fc.constant([]),
    resourceNames: fc.constant([]),
    nonResourceURLs: some('/api', '/api/*', '/healthz', '*'),
  }),
);
const anyRules = fc.array(anyRule, { maxLength: 3 });
const anyAttributes = fc.oneof(
  fc.record({
    verb: fc.constantFrom('get', 'list', 'delete'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'deployments'),
    subresource: fc.constantFrom(undefined, 'log', 'scale'),
    name: fc.constantFrom('', 'a', 'c'),
  }),
  fc.record({
    verb: fc.constantFrom('get', 'list'),
    path: fc.constantFrom('/api', '/api/v1', '/healthz', '/version'),
  }),
);

it('rules that are covered allow nothing that the others do not', () => {
  const numRuns = process.env.MUSTER_LONG === undefined ? 2000 : 100_000;
  fc.assert(
    fc.property(anyRules, anyRules, anyAttributes, (owned, wanted, attributes) => {
      fc.pre(uncovered(owned, wanted).length === 0);
      if (wanted.some((rule) => allows(rule, attributes)))
        expect(owned.some((rule) => allows(rule, attributes))).toBe(true);
    }),
    { numRuns, seed: 4 },
  );
});

it('rules cover themselves', () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      expect(uncovered(rules, rules)).toEqual([]);
    }),
    { seed: 4 },
  );
});

it.each([
  ['GET', '', 'x', ['list'], ''],
  ['GET', 'watch=true', 'x', ['watch'], ''],
  ['GET', 'watch=1&fieldSelector=a%3Db,metadata.name%3Dmine', '', ['watch'], 'mine'],
  ['GET', '', 'mine', ['get'], 'mine'],
  ['POST', 'fieldSelector=metadata.name%3Dmine', '', ['create'], ''],
  ['PUT', '', 'mine', ['update'], 'mine'],
  ['DELETE', '', 'mine', ['delete'], 'mine'],
  ['DELETE', 'fieldSelector=metadata.name%3D%3Dmine', '', ['deletecollection'], 'mine'],
  ['PATCH', '', 'mine', ['patch', 'create'], 'mine'],
])('%s with %s of %s needs %s', (method, query, name, verbs, asked) => {
  const isCollection = ['list', 'watch', 'create', 'deletecollection'].includes(verbs[0] ?? '');
  const target = { resource: pods, namespace: 'own', name: isCollection ? '' : name };
  const contentType = 'application/apply-patch+yaml';
  const needed = attributesOf(target, { method, query: new URLSearchParams(query), contentType, isNew: true });
  expect(needed.map(({ verb }) => verb)).toEqual(verbs);
  for (const { name: wanted, namespace } of needed) expect([wanted ?? '', namespace]).toEqual([asked, 'own']);
});
