import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

/** `path/of.test.ts`: “name of a test”, “name of another”. */
const NAMED = /`((?:src|test|sandbox|scripts|web)\/[\w./-]+\.ts)`: ((?:“[^”]+”(?:, )?)+)/g;

const named = [...page.matchAll(NAMED)].flatMap(([, file = '', names = '']) =>
  [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name })),
);

/** Whether a file has a test of that name, in any of JavaScript's quotes. */
function hasTest(file: string, name: string): boolean {
  if (!existsSync(join(root, file))) return false;
  const text = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${name}${quote}`));
}

describe('the tests that docs/security.md names', () => {
  it('are many, and each threat has one', () => {
    expect(named.length).toBeGreaterThan(80);
    const section = page.slice(page.indexOf('\n## Threats'), page.indexOf('### What does not hold'));
    const rows = section.split('\n').filter((line) => /^\| (?!---|what they do)/.test(line));
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => !/`[^`]+`: “[^”]+”[^|]*\|$/.test(row))).toEqual([]);
  });

  it.each(named)('$file: $name', ({ file, name }) => {
    expect(hasTest(file, name)).toBe(true);
  });

  it('would not be found under another name', () => {
    expect(hasTest('src/server/access.test.ts', 'is a cluster-admin')).toBe(true);
    expect(hasTest('src/server/access.test.ts', 'is a cluster')).toBe(false);
    expect(hasTest('src/server/gone.test.ts', 'is a cluster-admin')).toBe(false);
  });
});
