import { describe, expect, it } from 'vitest';
import { wordsOf, wordsOfPages } from './pages-words.ts';

describe('the words of the pages', () => {
  it('are read off the calls that show them', () => {
    const source = `
      const { t, i18n } = useTranslation();
      const one = t('Keep for {{duration}}', { duration });
      const other = <Button aria-label={t("Close")}>{i18n.t(\`Delete\`)}</Button>;
      const many = t('reports', { count, defaultValue_one: '{{count}} report', defaultValue_other: '{{count}} reports' });
      const no = first('not this');`;
    expect(wordsOf('page.tsx', source)).toEqual({
      'Keep for {{duration}}': 'Keep for {{duration}}',
      Close: 'Close',
      Delete: 'Delete',
      reports_one: '{{count}} report',
      reports_other: '{{count}} reports',
    });
  });

  it('are written out where they are used, and a key has one text', () => {
    expect(() => wordsOf('page.tsx', 't(words[key])')).toThrow('t(words[key])');
    const twice = `t('n', { count, defaultValue_one: 'a' }); t('n', { count, defaultValue_one: 'b' })`;
    expect(() => wordsOf('page.tsx', twice)).toThrow('"n_one" has two texts');
  });

  it('of all pages can be read', () => {
    expect(wordsOfPages()).toMatchObject({ 'Generate diagnostic report': 'Generate diagnostic report' });
  });
});
