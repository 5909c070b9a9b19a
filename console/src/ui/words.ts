// Words that the server sends in both languages.

import type { components } from '@/api/schema';
import { useLanguage } from './values';

type Words = components['schemas']['Words'];

/** Picks the reader's language: `say(offer.meaning)`. */
export function useSay(): (words: Words) => string {
  const language = useLanguage();
  return (words) => words[language] || words.en || words.zh;
}
