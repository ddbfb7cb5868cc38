import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './controls.js';

interface DialogProps {
  readonly title: string;
  readonly size?: 'small' | 'medium' | 'wide';
  readonly onClose: () => void;
  /** Pressing Enter in a field, or the button of type submit. */
  readonly onSubmit?: () => void;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/**
 * A modal dialog by the browser's own means: focus stays inside, Escape closes, and focus returns to where it was. It is open as
 * long as it is mounted. Focus begins at the element with `data-autofocus`, or goes there once that is enabled.
 */
export function Dialog({ title, size = 'small', onClose, onSubmit, footer, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  /** Where the browser has put the focus, as long as it waits there. */
  const unmoved = useRef<Element | null>(undefined);
  const titleId = useId();
  // Before the next key can come: letters typed right after the one that opened it belong into its field.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    const before = document.activeElement;
    element.showModal();
    unmoved.current = document.activeElement;
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  useLayoutEffect(() => {
    const wanted = dialog.current?.querySelector<HTMLElement>('[data-autofocus]:enabled') ?? undefined;
    if (unmoved.current === undefined || wanted === undefined) return;
    // Whoever has moved the focus meanwhile keeps it.
    if (document.activeElement === unmoved.current) wanted.focus();
    unmoved.current = undefined;
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <dialog
      ref={dialog}
      className={`dialog ${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close.current();
      }}
      onMouseDown={(event) => event.target === dialog.current && close.current()}
    >
      <form method="dialog" className="dialog-frame" onSubmit={submit} noValidate>
        <header>
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={() => close.current()} />
        </header>
        <div className="dialog-body">{children}</div>
        {footer !== undefined && <footer>{footer}</footer>}
      </form>
    </dialog>
  );
}
