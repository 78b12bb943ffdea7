import { describe, expect, it } from 'vitest';
import { tokensOf } from './line-text.tsx';

describe('what stands out in a row', () => {
  it.each<[string, string, string]>([
    ['a.yaml', '  - name: web', 'name'],
    ['a.yml', '"quoted key": 1', '"quoted key"'],
    ['a.yaml', 'metadata:', 'metadata'],
    ['a.yaml', '# a: comment', ''],
    ['a.yaml', 'http://x', ''],
    ['a.json', '  "items": [', '"items"'],
    ['a.txt', 'name: web', ''],
  ])('the key: %s, %s', (name, text, key) => {
    const tokens = tokensOf(name, text);
    expect(tokens.key).toBe(key);
    expect(tokens.before + tokens.key + tokens.rest).toBe(text);
  });

  it.each<[string, string, string | undefined]>([
    ['a.log', 'E1121 10:00:00.000 broke', 'danger'],
    ['a.log', '2026-11-21 ERROR broke', 'danger'],
    ['gather.logs', 'level=warning msg=slow', 'warning'],
    ['a.log', '{"level":"error"}', 'danger'],
    ['a.log', 'terrors of the deep', undefined],
    ['a.txt', 'ERROR broke', undefined],
  ])('bad news: %s, %s', (name, text, level) => {
    expect(tokensOf(name, text).level).toBe(level);
  });
});
