import { useLayoutEffect, useRef } from 'react';

/** What a key does, by its name in `KeyboardEvent.key`; `Mod+` is Ctrl, or Command on a Mac. */
export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/** Keys that work anywhere on the page, but for plain letters while somebody types or a dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  // Before the page is seen: a key that is pressed at its first sight is not lost.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const isModified = event.ctrlKey || event.metaKey;
      const act = current.current[isModified ? `Mod+${event.key.toLowerCase()}` : event.key];
      if (act === undefined) return;
      if (!isModified && (isTyping(event.target) || document.querySelector('dialog[open]') !== null)) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
