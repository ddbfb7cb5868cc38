import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';

/** The heading of a page: it names the window, and focus begins here after a change of page. */
export function Heading({
  title,
  takesFocus = true,
  children,
}: {
  readonly title: string;
  readonly takesFocus?: boolean;
  readonly children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · fbcenter`;
  }, [title]);
  // Before the page is seen: later, it would take the focus from whoever has moved it at first sight.
  useLayoutEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
