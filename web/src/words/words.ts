import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import english from '../../locales/en/plugin__muster.json';
import { NAMESPACE } from './namespace.ts';

/**
 * Words of the standalone pages: keys are the English text, but for plurals. English is loaded for these: a language with
 * more forms than English has (Arabic, Polish) finds none of its own, and falls back by the rules of English.
 */
export async function startWords(language: string): Promise<i18n> {
  const words = createInstance();
  await words.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    ns: [NAMESPACE],
    defaultNS: NAMESPACE,
    // Sentences are keys, and they have colons and full stops.
    keySeparator: false,
    nsSeparator: false,
    resources: { en: { [NAMESPACE]: english } },
    // React escapes.
    interpolation: { escapeValue: false },
  });
  return words;
}

/** Tells the browser, and who listens to it, in which language the words are, and from which side they are read. */
export function markLanguage(page: HTMLElement, words: i18n): void {
  // The one that there are words of: a person may have set another.
  page.lang = words.resolvedLanguage ?? 'en';
  page.dir = words.dir();
}
