import { expect, it } from 'vitest';
import { table, withMade } from './markdown.ts';

const page = (...made: string[]) =>
  made.map((text) => `words\n<!-- made by npm run generate -->\n${text}\n<!-- end of what is made -->\n`).join('');

it('puts what is made into its places, in order, and leaves the rest', () => {
  expect(withMade('a.md', page('old', 'older'), ['$1 new', 'newer'])).toBe(page('$1 new', 'newer'));
});

it.each([0, 1, 3])('refuses %i texts for two places', (count) => {
  expect(() => withMade('a.md', page('old', 'older'), Array.from({ length: count }, String))).toThrow(
    `a.md has 2 marked places, ${count} are needed`,
  );
});

it('makes tables, in which a bar is a bar', () => {
  expect(table(['a', 'b'], [['x|y', '']])).toBe('| a | b |\n| --- | --- |\n| x\\|y |  |');
});
