// What a reader chose for this browser: theme, language, purpose, folded navigation. Small, so one store for all.

import { useSyncExternalStore } from 'react';

export type Preference = 'theme' | 'language' | 'purpose' | 'rail';

const listeners = new Set<() => void>();
const key = (name: Preference) => `florin.${name}`;
const memory = new Map<Preference, string>();

export function readPreference(name: Preference): string | null {
  try {
    return localStorage.getItem(key(name)) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

export function writePreference(name: Preference, value: string): void {
  memory.set(name, value);
  try {
    localStorage.setItem(key(name), value);
  } catch {
    // Storage may be forbidden by the bank's browser policy: then it holds until the tab closes.
  }
  for (const tell of listeners) tell();
}

export function usePreference(name: Preference): [string | null, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => readPreference(name));
  return [value, (next) => writePreference(name, next)];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}
