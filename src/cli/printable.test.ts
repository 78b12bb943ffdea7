import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, spelledOut } from './printable.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const COMMANDS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

test.each([
  ['\u001b[31mred\u001b[0m', ' [31mred [0m'],
  ['\u009b2J', ' 2J'],
  ['a\rb\nc\td', 'a b c\td'],
  ['user\u202egnp.exe', 'user gnp.exe'],
  ['häß 🚢 日本', 'häß 🚢 日本'],
])('%j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test.each([
  ['new\nline', 'new\\nline'],
  ['tab\there', 'tab\\there'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['right\u202eto-left', 'right\\u202eto-left'],
  ['plain-name.log', 'plain-name.log'],
])('%j, spelled out', (name, expected) => {
  expect(spelledOut(name)).toBe(expected);
});

test('property: nothing that a terminal acts on is left, and nothing else is touched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const safe of [printable(text), spelledOut(text)]) expect(safe).not.toMatch(COMMANDS);
      expect(printable(text)).toHaveLength(text.length);
    }),
  );
});
