import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, markdownFiles } from './doc-links.ts';

const root = join(import.meta.dirname, '..');

describe('the docs', () => {
  const files = markdownFiles(root);

  it('are looked at', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/rest.md', 'sandbox/README.md']));
    expect(files.filter((file) => file.includes('node_modules'))).toEqual([]);
  });

  it.each(files)('%s leads nowhere that is not there', (file) => {
    expect(brokenLinks(root, file)).toEqual([]);
  });
});

describe('what is broken is found', () => {
  let house: string;
  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'muster-links-'));
    mkdirSync(join(house, 'docs'));
    writeFileSync(join(house, 'docs/there.md'), '# Who may ask\n## Twice\n## `Twice`\n```\n# no heading\n```\n');
  });
  afterAll(() => rmSync(house, { recursive: true }));

  it.each([
    ['[a](docs/there.md) [b](docs/there.md#who-may-ask) [c](docs/there.md#twice-1) [d](#here)\n# Here\n', 0],
    ['[a](https://nowhere.example/#x) `[b](none.md)`\n```\n[c](none.md)\n```\n', 0],
    ['[a](docs/none.md)', 1],
    ['![a](docs/none.png)', 1],
    ['[a](docs/there.md#who-may)', 1],
    ['[a](docs/there.md#no-heading)', 1],
    ['[a](#nowhere)', 1],
    ['[a](../outside.md)', 1],
    ['see `docs/there.md` and `src/gone.ts`', 1],
  ])('%j', (text, count) => {
    writeFileSync(join(house, 'page.md'), text);
    expect(brokenLinks(house, 'page.md')).toHaveLength(count);
  });

  it('anchors are those that GitHub makes', () => {
    expect([
      ...anchorsOf('# What a thief would have?\n## `muster report`: from the command line\n### a/b (c)\n'),
    ]).toEqual(['what-a-thief-would-have', 'muster-report-from-the-command-line', 'ab-c']);
  });
});
