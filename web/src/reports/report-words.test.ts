import { describe, expect, it } from 'vitest';
import { isolated } from './report-words.ts';

describe('a name in a sentence', () => {
  it.each(['case-123', 'Fall Größe', '事例', ''])('"%s" stays as it is', (name) => {
    expect(isolated(name)).toBe(name);
  });

  it.each([
    ['تقرير', '\u2068تقرير\u2069'],
    ['דוח 7', '\u2068דוח 7\u2069'],
    ['a\u202Egz.tar', '\u2068agz.tar\u2069'],
    ['a\u2069\u202Eb', '\u2068ab\u2069'],
  ])('%j does not turn around what stands beside it', (name, shown) => {
    expect(isolated(name)).toBe(shown);
  });
});
