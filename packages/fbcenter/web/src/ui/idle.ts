import { useEffect, useState } from 'react';

/** The longest that work waits for a page that is never idle, in milliseconds. */
const LATEST = 500;

/** Calls back once the browser has nothing to draw or to answer. @returns what calls it off. */
export function whenIdle(work: () => void): () => void {
  // Safari has no such thing.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(work, 50);
    return () => clearTimeout(timer);
  }
  const request = requestIdleCallback(work, { timeout: LATEST });
  return () => cancelIdleCallback(request);
}

/** Whether the page was idle since something is there: what is not in sight at first waits for that. */
export function useIdleSince(isThere: boolean): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => (isThere ? whenIdle(() => setIdle(true)) : undefined), [isThere]);
  return isIdle;
}
