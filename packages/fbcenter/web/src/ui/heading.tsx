import { type ReactNode, useEffect, useRef } from 'react';

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
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
