import { useSyncExternalStore } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_NAMES: Readonly<Record<Theme, string>> = {
  system: 'Theme of the system',
  light: 'Light',
  dark: 'Dark',
};

const STORE = 'fbcenter.theme';
const listeners = new Set<() => void>();

function currentTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(STORE)) ?? 'system';
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORE, theme);
  applyTheme();
  for (const listener of [...listeners]) listener();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = currentTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
