import { type RefObject, useLayoutEffect, useRef, useSyncExternalStore } from 'react';

/** The width at which tables become cards; the style sheets use the same. */
const narrow = matchMedia('(max-width: 760px)');

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

/** For a row of links that is scrolled on a narrow screen: the current one is in its middle. */
export function useCurrentInSight(current: string): RefObject<HTMLElement | null> {
  const row = useRef<HTMLElement>(null);
  const isNarrow = useIsNarrow();
  useLayoutEffect(() => {
    const element = row.current;
    const link = element?.querySelector<HTMLElement>('[aria-current=page]');
    if (!isNarrow || element == null || link == null) return;
    element.scrollLeft = link.offsetLeft - element.offsetLeft - (element.clientWidth - link.offsetWidth) / 2;
  }, [current, isNarrow]);
  return row;
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}
