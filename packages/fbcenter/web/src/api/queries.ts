import { keepPreviousData, QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import type { FlagDocument, SegmentDocument } from '../model/document.js';
import { type FlagSummary, withDocument } from '../model/summary.js';
import type { PlainUser } from '../model/user.js';
import { ApiError, type Versioned } from './http.js';
import { keys } from './keys.js';
import { isFollowed } from './live.js';
import { calls } from './session.js';

/** How often figures are asked for while somebody looks at them, in milliseconds. */
const USAGE_INTERVAL = 5_000;
const LIST_INTERVAL = 30_000;
const DOCUMENT_INTERVAL = 10_000;
/** Without a stream of changes an environment is asked often: one that has not changed answers in a few bytes. */
const CHANGE_INTERVAL = 1_500;

/** Worth another try by itself: everything else needs somebody to do something. */
const PASSING: readonly ApiError['kind'][] = ['offline', 'unavailable'];

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The page says at once that a load failed, and tries again while it does.
      retry: false,
      staleTime: 2_000,
      gcTime: 10 * 60_000,
      networkMode: 'always',
      refetchOnWindowFocus: true,
      refetchOnReconnect: 'always',
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** A load that failed in passing is tried every few seconds until it succeeds. */
export function every(interval: number | false) {
  return ({ state }: { readonly state: { readonly error: Error | null } }): number | false => {
    if (state.error instanceof ApiError)
      return PASSING.includes(state.error.kind) ? (state.error.retryAfter ?? 3_000) : false;
    return interval;
  };
}

/** Who is signed in, and how one can sign in. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async ({ signal }) => (await calls.session(signal)).data,
    refetchInterval: every(false),
    staleTime: 60_000,
  });
}

export function useEnvironments() {
  return useQuery({
    queryKey: keys.environments,
    queryFn: ({ signal }) => calls.environments(signal),
    refetchInterval: every(LIST_INTERVAL),
  });
}

/** The flags of an environment in short, and what this list is known by. */
export interface SummaryList {
  readonly tag: string | undefined;
  readonly items: readonly FlagSummary[];
}

/** How the summaries of an environment are loaded: what did not change is not sent again, and stays the same object. */
export function summariesQuery(environment: string) {
  return {
    queryKey: keys.summaries(environment),
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<SummaryList> => {
      const known = queryClient.getQueryData<SummaryList>(keys.summaries(environment));
      const newer = await calls.summaries(environment, known?.tag, signal);
      if (newer !== undefined) return { tag: newer.tag, items: newer.data.items };
      return known ?? { tag: undefined, items: [] };
    },
  };
}

const itemsOf = ({ items }: SummaryList) => items;

export function useSummaries(environment: string, enabled = true) {
  return useQuery({
    ...summariesQuery(environment),
    select: itemsOf,
    refetchInterval: (query) => every(isFollowed(environment) ? LIST_INTERVAL : CHANGE_INTERVAL)(query),
    enabled,
  });
}

/** Attributes that rules of an environment ask about, to be offered where one is typed. */
export function useAttributes(environment: string): readonly string[] {
  const flags = useSummaries(environment).data;
  return useMemo(() => [...new Set(flags?.flatMap(({ attributes }) => attributes))].sort(), [flags]);
}

/** Loads a document again when the environment's list shows a version that is newer than what is loaded. */
export function useNewest(environment: string, key: string, version: number): void {
  const newest = useSummaries(environment).data?.find((flag) => flag.key === key)?.version ?? 0;
  const client = useQueryClient();
  useEffect(() => {
    if (newest > version) void client.invalidateQueries({ queryKey: keys.flag(environment, key) });
  }, [client, environment, key, newest, version]);
}

export function useUsage(environment: string) {
  return useQuery({
    queryKey: keys.usage(environment),
    queryFn: ({ signal }) => calls.usage(environment, signal),
    refetchInterval: (query) => every(isFollowed(environment) ? LIST_INTERVAL : USAGE_INTERVAL)(query),
  });
}

export function useFlag(environment: string, key: string) {
  return useQuery({
    queryKey: keys.flag(environment, key),
    queryFn: ({ signal }) => calls.flag(environment, key, signal),
    refetchInterval: every(DOCUMENT_INTERVAL),
    // Nothing is chosen yet.
    enabled: key !== '',
  });
}

export function useSegments(environment: string, enabled = true) {
  return useQuery({
    queryKey: keys.segments(environment),
    queryFn: ({ signal }) => calls.segments(environment, signal),
    refetchInterval: every(LIST_INTERVAL),
    enabled,
  });
}

/** Every document of an environment, as a whole: to compare it with another. */
export function useAllDocuments(environment: string) {
  return useQuery({
    queryKey: ['env', environment, 'documents'],
    queryFn: async ({ signal }) => {
      const [flags, segments] = await Promise.all([
        calls.flags(environment, signal),
        calls.segments(environment, signal),
      ]);
      return { flags, segments };
    },
    enabled: environment !== '',
    refetchInterval: every(false),
  });
}

export function useSegment(environment: string, id: string) {
  return useQuery({
    queryKey: keys.segment(environment, id),
    queryFn: ({ signal }) => calls.segment(environment, id, signal),
    refetchInterval: every(DOCUMENT_INTERVAL),
  });
}

/** Puts an answer of the server into every place that shows it, so that nothing waits for the next load. */
export function useTakeFlag(environment: string) {
  const client = useQueryClient();
  return useCallback(
    (answer: Versioned<FlagDocument>) => {
      const { data, version } = answer;
      client.setQueryData(keys.flag(environment, data.key), answer);
      client.setQueryData<SummaryList>(keys.summaries(environment), (list) => {
        if (list === undefined) return undefined;
        const items = list.items.map((summary) =>
          summary.key === data.key ? withDocument(summary, data, version) : summary,
        );
        return { ...list, items };
      });
      void client.invalidateQueries({ queryKey: keys.summaries(environment) });
    },
    [client, environment],
  );
}

export function useTakeSegment(environment: string) {
  const client = useQueryClient();
  return useCallback(
    (answer: Versioned<SegmentDocument>) => {
      client.setQueryData(keys.segment(environment, answer.data.id), answer);
      client.setQueryData<readonly SegmentDocument[]>(keys.segments(environment), (list) => {
        if (list === undefined) return undefined;
        const others = list.filter(({ id }) => id !== answer.data.id);
        return [...others, answer.data].sort((a, b) => (a.id < b.id ? -1 : 1));
      });
    },
    [client, environment],
  );
}

/** Evaluations of a flag over time. Those who follow the environment hear when there are more. */
export function useEvaluations(environment: string, key: string, bucket: 'minute' | 'hour' | 'day') {
  return useQuery({
    queryKey: [...keys.evaluations(environment, key), bucket],
    queryFn: ({ signal }) => calls.evaluations(environment, key, bucket, signal),
    refetchInterval: every(USAGE_INTERVAL),
    // While another length is loaded, the one before stays in sight.
    placeholderData: keepPreviousData,
  });
}

/** Why a user gets what of a flag; asked anew for each version of it. */
export function useWhy(environment: string, flag: string, version: number, user: PlainUser | undefined) {
  return useQuery({
    queryKey: [...keys.why(environment), flag, user, version],
    queryFn: ({ signal }) => calls.explain(environment, user ?? { key: '' }, flag, signal),
    enabled: user !== undefined,
    placeholderData: keepPreviousData,
  });
}

/** What a user gets of every flag. */
export function useWhyAll(environment: string, user: PlainUser | undefined) {
  return useQuery({
    queryKey: [...keys.why(environment), user],
    queryFn: ({ signal }) => calls.explainAll(environment, user ?? { key: '' }, signal),
    enabled: user !== undefined,
    refetchInterval: every(LIST_INTERVAL),
  });
}

export function useLatestUsers(environment: string, enabled: boolean) {
  return useQuery({
    enabled,
    queryKey: keys.latestUsers(environment),
    queryFn: ({ signal }) => calls.latestUsers(environment, signal),
  });
}

export function useConnections(environment: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.connections(environment),
    queryFn: ({ signal }) => calls.connections(environment, signal),
    refetchInterval: every(USAGE_INTERVAL),
    enabled,
  });
}
