import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { NAMESPACE } from './namespace.ts';

/**
 * Words of the standalone pages: keys are the English text, plurals are written where they are used
 * (`defaultValue_one`, `defaultValue_other`), so English needs no file.
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
    resources: {},
    // React escapes.
    interpolation: { escapeValue: false },
  });
  return words;
}
