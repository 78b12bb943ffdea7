import { expect, test } from 'vitest';
import { parseSize } from './size.ts';

test.each([
  ['0', 0],
  ['1024', 1024],
  ['500M', 500_000_000],
  ['1.5Gi', 1_610_612_736],
  ['20k', 20_000],
  ['2Ti', 2_199_023_255_552],
])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  '',
  'M',
  '-1',
  '1 G',
  '1g',
  '1Gib',
  '0x10',
  '1e3',
  '.5G',
  '9007199254740993',
  '1constructor',
  '99999999999T',
])('%j is no size', (text) =>
  expect(() => parseSize(text, '--keep-max-bytes')).toThrow(/^--keep-max-bytes: .*such as 500M/),
);
