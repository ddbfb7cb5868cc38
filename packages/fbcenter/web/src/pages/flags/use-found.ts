import { useMemo } from 'react';
import type { FlagUsage } from '../../api/usage.js';
import { comparison, matches, readSearch, type Search, type SearchContext, type SortKey } from '../../model/search.js';
import { staleReason } from '../../model/stale.js';
import type { FlagSummary } from '../../model/summary.js';
import { useClock } from '../../ui/clock.js';
import type { States } from './elsewhere.js';

interface Asked {
  readonly environment: string;
  readonly flags: readonly FlagSummary[];
  /** How the flags are used; `undefined` until it is known. */
  readonly usage: ReadonlyMap<string, FlagUsage> | undefined;
  readonly elsewhere: ReadonlyMap<string, States>;
  readonly text: string;
  readonly sort: SortKey;
}

interface Found {
  /** The flags to show, in their order. */
  readonly shown: readonly FlagSummary[];
  /** Why a flag is stale, by its key; `undefined` until it is known. */
  readonly reasons: ReadonlyMap<string, string> | undefined;
  readonly search: Search;
  /** Environments that the search asks about and of whose flags nothing is known. */
  readonly missing: readonly string[];
}

/** What is found of an environment's flags. Whatever does not depend on the text is not done again with each letter. */
export function useFound({ environment, flags, usage, elsewhere, text, sort }: Asked): Found {
  const now = useClock();
  const reasons = useMemo(
    () =>
      usage &&
      new Map(
        flags.flatMap((flag) => {
          const reason = staleReason(flag, usage.get(flag.key), now);
          return reason === undefined ? [] : [[flag.key, reason] as const];
        }),
      ),
    [flags, usage, now],
  );
  const context = useMemo<SearchContext>(() => {
    const here = flags.flatMap(({ key, isEnabled }) => (isEnabled ? [key] : []));
    const enabledIn = new Map([...elsewhere].map(([key, states]) => [key.toLowerCase(), onKeys(states)] as const));
    enabledIn.set(environment.toLowerCase(), new Set(here));
    return { enabledIn, isStale: ({ key }) => reasons?.has(key) === true };
  }, [flags, elsewhere, environment, reasons]);
  const lastUsed = sort === 'used' ? usage : undefined;
  const sorted = useMemo(
    () => flags.toSorted(comparison(sort, (key) => lastUsed?.get(key)?.lastAt ?? 0)),
    [flags, sort, lastUsed],
  );
  const search = useMemo(() => readSearch(text), [text]);
  const shown = useMemo(() => sorted.filter((flag) => matches(search, flag, context)), [sorted, search, context]);
  const missing = search.environments.filter((key) => !context.enabledIn.has(key));
  return { shown, reasons, search, missing };
}

function onKeys(states: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  return new Set([...states].flatMap(([key, isEnabled]) => (isEnabled ? [key] : [])));
}
