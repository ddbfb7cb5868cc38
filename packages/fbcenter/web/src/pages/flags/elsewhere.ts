import { useQueries } from '@tanstack/react-query';
import { keys } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import type { FlagSummary } from '../../model/summary.js';

/** Whether each flag is on, by key. */
export type States = ReadonlyMap<string, boolean>;

/** More environments than this are not compared in the list. */
const MOST = 6;
const NONE: ReadonlyMap<string, States> = new Map();
const STATES = new WeakMap<readonly FlagSummary[], States>();

/** The states of the flags in the other environments, once the flags of this one are there. */
export function useEnabledElsewhere(
  environments: readonly string[],
  current: string,
  isReady: boolean,
): ReadonlyMap<string, States> {
  const others = environments.filter((key) => key !== current).slice(0, MOST);
  return useQueries({
    queries: others.map((environment) => ({
      queryKey: keys.summaries(environment),
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => calls.summaries(environment, signal),
      enabled: isReady,
      staleTime: 30_000,
    })),
    combine: (results) => {
      // An environment without a flag has nothing to say about any.
      const known = results.flatMap(({ data }, index) =>
        data?.length ? [[others[index] ?? '', statesOf(data)] as const] : [],
      );
      return known.length === 0 ? NONE : new Map(known);
    },
  });
}

function statesOf(flags: readonly FlagSummary[]): States {
  const known = STATES.get(flags);
  if (known !== undefined) return known;
  const states = new Map(
    flags.flatMap(({ key, isEnabled, isArchived }) => (isArchived ? [] : [[key, isEnabled] as const])),
  );
  STATES.set(flags, states);
  return states;
}
