import { type KeyboardEvent, type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';

interface VirtualGridProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Height of a row, in pixels; every row has the same. */
  readonly rowHeight: number;
  readonly header: ReactNode;
  readonly columns: number;
  /** The row that Tab reaches; the first one unless it is in the list. */
  readonly activeKey: string | undefined;
  readonly onActivate: (key: string) => void;
  /** Cells of a row. What can be focused in them carries `data-cell` and the `tabIndex` that it is given. */
  readonly renderRow: (item: T, tabIndex: (isMain: boolean) => 0 | -1) => ReactNode;
  readonly onRowKey?: (item: T, event: KeyboardEvent) => void;
  readonly rowClass?: (item: T) => string;
  /** Arrow up in the first row: back to the search. */
  readonly onLeaveTop?: () => void;
}

/** Rows beyond those in sight, on either side: of a list that is scrolled the next ones are there before they are seen. */
const BEYOND = { atRest: 1, scrolled: 4 } as const;
/** How much of the window a list has at most, before it can be measured. */
const MOST_OF_WINDOW = 0.8;
/** Height of the header, which stays in sight above the rows. */
const HEADER = 30;

/**
 * A table of which only the rows in sight exist. It is one stop of the Tab key: arrows move between rows and between what a row
 * has to press, Home and End go to its ends, and the row that has focus stays when it is scrolled out of sight.
 */
export function VirtualGrid<T>(props: VirtualGridProps<T>) {
  const {
    label,
    items,
    keyOf,
    rowHeight,
    header,
    columns,
    activeKey,
    onActivate,
    renderRow,
    onRowKey,
    rowClass,
    onLeaveTop,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState(() => ({ first: 0, last: Math.ceil((innerHeight * MOST_OF_WINDOW) / rowHeight) }));
  const focusNext = useRef(false);

  const measure = useCallback(
    (beyond: number) => {
      const element = scroller.current;
      if (element === null) return;
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - beyond);
      const last = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + beyond;
      setRange((range) => (range.first === first && range.last === last ? range : { first, last }));
    },
    [rowHeight],
  );
  const follow = useCallback(() => measure(BEYOND.scrolled), [measure]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // It measures for the first time after the first layout, which need not be made twice then.
    const observer = new ResizeObserver(() => measure(BEYOND.atRest));
    observer.observe(element);
    return () => observer.disconnect();
  }, [measure]);

  const found = activeKey === undefined ? -1 : items.findIndex((item) => keyOf(item) === activeKey);
  const active = found === -1 ? 0 : found;

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const top = index * rowHeight;
      const bottom = top + rowHeight + HEADER;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
      follow();
    },
    [rowHeight, follow],
  );

  // The row that the address names is in sight when the list opens.
  const isRevealed = useRef(false);
  useLayoutEffect(() => {
    if (isRevealed.current || items.length === 0) return;
    isRevealed.current = true;
    if (found > 0) {
      const element = scroller.current;
      if (element !== null) element.scrollTop = Math.max(0, found * rowHeight - element.clientHeight / 2);
      follow();
    }
  }, [items, found, rowHeight, follow]);

  const focusActive = () =>
    scroller.current?.querySelector<HTMLElement>('[data-active] [data-main]')?.focus({ preventScroll: true });
  // Before the next key can come: later, a quick second press would find the focus one row behind.
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    focusActive();
  });

  const moveTo = (index: number) => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))];
    if (item === undefined) return;
    reveal(items.indexOf(item));
    // The same row again: nothing is drawn anew.
    if (keyOf(item) === activeKey) return focusActive();
    focusNext.current = true;
    onActivate(keyOf(item));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const target = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      if (target === -1 && event.key === 'ArrowUp' && onLeaveTop !== undefined) onLeaveTop();
      else moveTo(target);
      return;
    }
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const row = (event.target as HTMLElement).closest('[role=row]');
    if (side !== undefined && row !== null) {
      const cells = [...row.querySelectorAll<HTMLElement>('[data-cell]:not(:disabled)')];
      const next = cells[cells.indexOf(document.activeElement as HTMLElement) + side];
      event.preventDefault();
      next?.focus();
      return;
    }
    const item = items[active];
    if (item !== undefined) onRowKey?.(item, event);
  };

  const shown = indexesIn(range, items.length, active);
  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={items.length + 1}
      aria-colcount={columns}
      onKeyDown={onKeyDown}
      onScroll={follow}
    >
      <div role="rowgroup" className="grid-header">
        <div role="row" aria-rowindex={1} className="grid-row">
          {header}
        </div>
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: `${items.length * rowHeight}px` }}>
        {shown.map((index) => {
          const item = items[index];
          if (item === undefined) return null;
          const key = keyOf(item);
          const isActive = index === active;
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-active={isActive ? '' : undefined}
              className={`grid-row ${rowClass?.(item) ?? ''}`}
              style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
              onFocus={() => !isActive && onActivate(key)}
            >
              {renderRow(item, (isMain) => (isActive && isMain ? 0 : -1))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function indexesIn(range: { readonly first: number; readonly last: number }, length: number, active: number): number[] {
  const last = Math.min(range.last, length - 1);
  const indexes = Array.from({ length: Math.max(0, last - range.first + 1) }, (_, offset) => range.first + offset);
  if (length > 0 && active < range.first) return [active, ...indexes];
  return active > last && active < length ? [...indexes, active] : indexes;
}
