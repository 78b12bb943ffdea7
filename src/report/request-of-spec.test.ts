import { describe, expect, test } from 'vitest';
import { requestOfSpec } from './request-of-spec.ts';
import { specFromJson } from './rest-request.ts';
import { validateSpec } from './spec.ts';
import { specCases } from './spec-cases.ts';

test('nothing asked for is an empty body', () => {
  expect(requestOfSpec(validateSpec({}).spec)).toEqual({});
});

describe('the service reads the same spec out of it', () => {
  const good = specCases.filter(({ refused }) => refused === undefined);
  test.each(good.map(({ name, spec }) => [name, spec] as const))('%s', (_, asked) => {
    const { spec } = validateSpec(asked);
    expect(specFromJson(JSON.parse(JSON.stringify(requestOfSpec(spec))))).toEqual(spec);
  });
});
