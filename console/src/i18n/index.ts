// Two languages, a namespace a screen: `src/i18n/<screen>.{zh,en}.json`. A namespace is fetched when its screen opens.

import { type BackendModule, createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { readPreference, writePreference } from '@/theme/preferences';

export type Language = 'zh' | 'en';
export const languages: readonly Language[] = ['zh', 'en'];

type Words = Record<string, unknown>;
const files = import.meta.glob<Words>('./*.{zh,en}.json', { import: 'default' });

async function wordsOf(namespace: string, language: string): Promise<Words> {
  const load = files[`./${namespace}.${language}.json`];
  if (!load) throw new Error(`no words for \`${namespace}\` in \`${language}\``);
  return load();
}

const backend: BackendModule = {
  type: 'backend',
  init: () => {},
  // i18next also takes a promise, though its types know callbacks alone.
  read: ((language: string, namespace: string) => wordsOf(namespace, language)) as unknown as BackendModule['read'],
};

export function startingLanguage(): Language {
  const wanted = readPreference('language') ?? navigator.language;
  return wanted.startsWith('zh') ? 'zh' : 'en';
}

export const i18n = createInstance();

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
