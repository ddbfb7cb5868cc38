import { useQueries } from '@tanstack/react-query';
import { type SummaryList, summariesQuery } from '../../api/queries.js';

/** Whether each flag is on, by key. */
export type States = ReadonlyMap<string, boolean>;

/** More environments than this are not compared in the list. */
const MOST = 6;
const NONE: ReadonlyMap<string, States> = new Map();

/** The states of the flags in the other environments, once the flags of this one are there. */
export function useEnabledElsewhere(
  environments: readonly string[],
  current: string,
  isReady: boolean,
): ReadonlyMap<string, States> {
  const others = environments.filter((key) => key !== current).slice(0, MOST);
  return useQueries({
    queries: others.map((environment) => ({
      ...summariesQuery(environment),
      select: statesOf,
      enabled: isReady,
      staleTime: 30_000,
    })),
    combine: (results) => {
      // An environment without a flag has nothing to say about any.
      const known = results.flatMap(({ data }, index) => (data?.size ? [[others[index] ?? '', data] as const] : []));
      return known.length === 0 ? NONE : new Map(known);
    },
  });
}

function statesOf({ items }: SummaryList): States {
  return new Map(items.flatMap(({ key, isEnabled, isArchived }) => (isArchived ? [] : [[key, isEnabled] as const])));
}
