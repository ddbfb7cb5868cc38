import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Environment } from '../../api/calls.js';
import { type SummaryList, summariesQuery } from '../../api/queries.js';

/** Whether each flag is on, by key. */
export type States = ReadonlyMap<string, boolean>;

/** More environments than this are not compared in the list. */
const MOST = 6;

/** The states of the flags in the other environments, once the flags of this one are there; of all of them at once. */
export function useEnabledElsewhere(
  environments: readonly Environment[] | undefined,
  current: string,
  isReady: boolean,
): ReadonlyMap<string, States> {
  const others = useMemo(
    () => (environments ?? []).flatMap(({ key }) => (key === current ? [] : [key])).slice(0, MOST),
    [environments, current],
  );
  const loaded = useQueries({
    queries: others.map((environment) => ({
      ...summariesQuery(environment),
      select: statesOf,
      enabled: isReady,
      staleTime: 30_000,
    })),
    combine: dataOf,
  });
  return useMemo(() => {
    // An environment without a flag has nothing to say about any.
    const known = loaded.flatMap((states, index) => (states?.size ? [[others[index] ?? '', states] as const] : []));
    return new Map(known);
  }, [loaded, others]);
}

const NOTHING: readonly undefined[] = [];

/**
 * What was loaded, once all of it was: one after the other, each would have every row drawn again. It is one function and an array,
 * whose old one stays while nothing in it is different: a new object would have them drawn with each letter of a search.
 */
function dataOf(results: readonly UseQueryResult<States>[]): readonly (States | undefined)[] {
  return results.some(({ isLoading }) => isLoading) ? NOTHING : results.map(({ data }) => data);
}

function statesOf({ items }: SummaryList): States {
  return new Map(items.flatMap(({ key, isEnabled, isArchived }) => (isArchived ? [] : [[key, isEnabled] as const])));
}
