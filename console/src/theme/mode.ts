// Light, dark, or as the system says.

import { useEffect, useSyncExternalStore } from 'react';
import { usePreference } from './preferences';
import { cssVariables, type Mode } from './tokens';

export type Choice = Mode | 'system';
export const choices: readonly Choice[] = ['light', 'dark', 'system'];

const DARK = '(prefers-color-scheme: dark)';
const STILL = '(prefers-reduced-motion: reduce)';

export function useThemeChoice(): [Choice, (choice: Choice) => void] {
  const [stored, store] = usePreference('theme');
  return [stored === 'light' || stored === 'dark' ? stored : 'system', store];
}

export function useMode(): Mode {
  const [choice] = useThemeChoice();
  const systemIsDark = useMedia(DARK);
  if (choice !== 'system') return choice;
  return systemIsDark ? 'dark' : 'light';
}

/** Writes the mode's colours where style sheets find them. */
export function useModeOnDocument(mode: Mode): void {
  useEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = mode;
    root.style.colorScheme = mode;
    for (const [name, value] of Object.entries(cssVariables(mode))) root.style.setProperty(name, value);
  }, [mode]);
}

/** Whether nothing should move. antd is told so: style sheets that cut its animations short leave its menus off the screen. */
export const useStillness = (): boolean => useMedia(STILL);

function useMedia(query: string): boolean {
  const subscribe = (listener: () => void) => {
    const media = window.matchMedia(query);
    media.addEventListener('change', listener);
    return () => media.removeEventListener('change', listener);
  };
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
