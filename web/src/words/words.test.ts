import { createInstance } from 'i18next';
import { describe, expect, it } from 'vitest';
import { markLanguage, startWords } from './words.ts';

/** Of an HTML element, what is marked. */
const page = () => ({ lang: '', dir: '' }) as HTMLElement;

describe('the language of the pages', () => {
  it('is that of the words that there are, not that of the person where there are none of it', async () => {
    const html = page();
    markLanguage(html, await startWords('ar-EG'));
    expect(html).toEqual({ lang: 'en', dir: 'ltr' });
  });

  it.each([
    ['ar', 'rtl'],
    ['he', 'rtl'],
    ['fa', 'rtl'],
    ['de', 'ltr'],
  ])('%s is read %s', async (language, dir) => {
    const words = createInstance();
    await words.init({ lng: language, resources: { [language]: { translation: { Close: '…' } } } });
    const html = page();
    markLanguage(html, words);
    expect(html).toEqual({ lang: language, dir });
  });
});
