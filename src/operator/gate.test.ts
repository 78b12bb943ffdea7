import { expect, it } from 'vitest';
import { createGate } from './gate.ts';

const { signal } = new AbortController();

/** A gate that opens while `missing` is empty, and what it said and did. */
function world() {
  const told: string[] = [];
  const state = { missing: 'the policy' };
  const gate = createGate({
    require: async () => {
      if (state.missing !== '') throw new Error(state.missing);
    },
    onOpen: () => told.push('open'),
    log: (level, message, _report, error) => told.push([level, message, error].filter(Boolean).join(' ')),
  });
  const look = async (missing: string) => {
    state.missing = missing;
    await gate.look(signal);
    return gate.isOpen();
  };
  return { gate, look, told };
}

it('is shut until it was looked for, and then says nothing where nothing lacks', async () => {
  const { gate, look, told } = world();
  expect(gate.isOpen()).toBe(false);
  expect(await look('')).toBe(true);
  expect(await look('')).toBe(true);
  expect(told).toEqual(['open']);
});

it('says once that reports wait and why, and once that they do no more', async () => {
  const { look, told } = world();
  expect(await look('the policy')).toBe(false);
  expect(await look('the binding')).toBe(false);
  expect(await look('')).toBe(true);
  expect(await look('the binding')).toBe(false);
  expect(told).toEqual([
    'warn reports wait Error: the policy',
    'info reports wait no more',
    'open',
    'warn reports wait Error: the binding',
  ]);
});

it('says nothing where the process stops meanwhile', async () => {
  const { gate, told } = world();
  await gate.look(AbortSignal.abort());
  expect(gate.isOpen()).toBe(false);
  expect(told).toEqual([]);
});

it('is open where nobody looks', () => {
  const gate = createGate({ require: undefined, onOpen: () => undefined, log: () => undefined });
  expect(gate.isOpen()).toBe(true);
});
