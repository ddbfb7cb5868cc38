import { useSyncExternalStore } from 'react';

/** The width at which tables become cards; the style sheets use the same. */
const narrow = matchMedia('(max-width: 760px)');

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}
