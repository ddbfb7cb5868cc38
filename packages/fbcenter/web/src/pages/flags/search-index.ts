import { useEffect } from 'react';
import { index } from '../../model/search.js';
import type { FlagSummary } from '../../model/summary.js';
import { whenIdle } from '../../ui/idle.js';

/** Flags that are made ready for the search at a time: a few milliseconds, between which a press is answered. */
const AT_ONCE = 250;

/** Makes flags ready for the search while nobody waits for the page, so that the first letter is as quick as the others. */
export function useSearchIndex(flags: readonly FlagSummary[] | undefined): void {
  useEffect(() => {
    if (flags === undefined) return;
    let done = 0;
    let stop = whenIdle(function go() {
      index(flags.slice(done, done + AT_ONCE));
      done += AT_ONCE;
      if (done < flags.length) stop = whenIdle(go);
    });
    return () => stop();
  }, [flags]);
}
