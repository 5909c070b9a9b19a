// Two languages, a namespace a screen: `src/i18n/<screen>.{zh,en}.json`. A namespace is fetched when its screen opens.

import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { readPreference, writePreference } from '@/theme/preferences';

export type Language = 'zh' | 'en';
export const languages: readonly Language[] = ['zh', 'en'];

type Words = Record<string, unknown>;
const files = import.meta.glob<Words>('./*.{zh,en}.json', { import: 'default' });

const backend: BackendModule = {
  type: 'backend',
  init: () => {},
  read: (language, namespace, done) => {
    const load = files[`./${namespace}.${language}.json`];
    if (!load) return done(new Error(`no words for \`${namespace}\` in \`${language}\``), null);
    load().then(
      (words) => done(null, words),
      (error: Error) => done(error, null),
    );
  },
};

export function startingLanguage(): Language {
  const wanted = readPreference('language') ?? navigator.language;
  return wanted.startsWith('zh') ? 'zh' : 'en';
}

export const i18n = i18next.createInstance();

export async function startI18n(): Promise<void> {
  await i18n
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: startingLanguage(),
      fallbackLng: false,
      supportedLngs: [...languages],
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
      returnNull: false,
    });
  applyLanguage(i18n.language);
  i18n.on('languageChanged', applyLanguage);
}

export function chooseLanguage(language: Language): void {
  writePreference('language', language);
  void i18n.changeLanguage(language);
}

function applyLanguage(language: string): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}
