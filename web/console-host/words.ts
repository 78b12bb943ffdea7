import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** Words come when somebody asks for them (ConsolePlugin's `loadType: Lazy`), from the address that the console has for them. */
const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: async (language, namespace) => {
    if (!namespace.startsWith('plugin__')) return {};
    const answer = await fetch(`/locales/resource.json?${new URLSearchParams({ lng: language, ns: namespace })}`);
    if (!answer.ok) throw new Error(`no words of ${namespace} in ${language}: ${answer.status}`);
    return await answer.json();
  },
};

/** Settings as the console has them. */
export async function startWords(): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: navigator.language,
      fallbackLng: 'en',
      load: 'languageOnly',
      ns: ['public'],
      defaultNS: 'public',
      nsSeparator: '~',
      keySeparator: false,
      contextSeparator: '~',
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

/** Labels of extensions, `%namespace~Text%`, in the language of the page. */
export function translated(label: string): string {
  const key = /^%(.+)%$/.exec(label)?.[1];
  return key === undefined ? label : i18next.t(key);
}
