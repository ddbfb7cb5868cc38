import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { Icon, type IconName } from './icon.js';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

/** A button with a menu of actions: a popover of the browser, arrows move inside, Escape closes. */
export function Menu({
  label,
  icon = 'more',
  items,
  children,
}: {
  readonly label: string;
  readonly icon?: IconName;
  readonly items: readonly MenuItem[];
  readonly children?: ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  // A page may have a hundred menus, of which one is open: only that one has its items.
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!isOpen) return;
    const anchor = button.current?.getBoundingClientRect();
    const panel = menu.current;
    if (anchor === undefined || panel === null) return;
    const { offsetWidth, offsetHeight } = panel;
    const below = anchor.bottom + offsetHeight + 8 <= innerHeight;
    panel.style.left = `${Math.max(8, Math.min(anchor.right - offsetWidth, innerWidth - offsetWidth - 8))}px`;
    panel.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - offsetHeight - 4)}px`;
    panel.querySelector<HTMLElement>('[role=menuitem]:not(:disabled)')?.focus();
  }, [isOpen]);
  const move = (event: KeyboardEvent) => {
    const options = [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)') ?? [])];
    const at = options.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
    if (event.key === 'Tab') menu.current?.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    options.at(next % options.length)?.focus();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className={children === undefined ? 'icon-button' : 'button plain'}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
        popoverTarget={id}
      >
        <Icon name={icon} />
        {children}
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        className="menu"
        onBeforeToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={move}
      >
        {isOpen &&
          items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              disabled={item.isDisabled}
              className={item.isDanger ? 'danger' : ''}
              onClick={() => {
                menu.current?.hidePopover();
                item.onPress();
              }}
            >
              {item.icon !== undefined && <Icon name={item.icon} />}
              {item.label}
            </button>
          ))}
      </div>
    </>
  );
}
