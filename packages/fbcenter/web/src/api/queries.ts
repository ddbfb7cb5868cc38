import { QueryClient, type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { FlagDocument, SegmentDocument } from '../model/document.js';
import { type FlagSummary, summaryOf } from '../model/summary.js';
import { ApiError, type Versioned } from './http.js';
import { calls } from './session.js';

/** How often figures are asked for while somebody looks at them, in milliseconds. */
const USAGE_INTERVAL = 5_000;
const LIST_INTERVAL = 30_000;
const DOCUMENT_INTERVAL = 10_000;

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
function every(interval: number | false) {
  return ({ state }: { readonly state: { readonly error: Error | null } }): number | false => {
    if (state.error instanceof ApiError)
      return PASSING.includes(state.error.kind) ? (state.error.retryAfter ?? 3_000) : false;
    return interval;
  };
}

export const keys = {
  environments: ['environments'],
  summaries: (environment: string): QueryKey => ['env', environment, 'summaries'],
  usage: (environment: string): QueryKey => ['env', environment, 'usage'],
  flag: (environment: string, key: string): QueryKey => ['env', environment, 'flag', key],
  segments: (environment: string): QueryKey => ['env', environment, 'segments'],
  segment: (environment: string, id: string): QueryKey => ['env', environment, 'segment', id],
} as const;

export function useEnvironments() {
  return useQuery({
    queryKey: keys.environments,
    queryFn: ({ signal }) => calls.environments(signal),
    refetchInterval: every(LIST_INTERVAL),
  });
}

export function useSummaries(environment: string, enabled = true) {
  return useQuery({
    queryKey: keys.summaries(environment),
    queryFn: ({ signal }) => calls.summaries(environment, signal),
    refetchInterval: every(LIST_INTERVAL),
    enabled,
  });
}

export function useUsage(environment: string) {
  return useQuery({
    queryKey: keys.usage(environment),
    queryFn: ({ signal }) => calls.usage(environment, signal),
    refetchInterval: every(USAGE_INTERVAL),
  });
}

export function useFlag(environment: string, key: string) {
  return useQuery({
    queryKey: keys.flag(environment, key),
    queryFn: ({ signal }) => calls.flag(environment, key, signal),
    refetchInterval: every(DOCUMENT_INTERVAL),
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
      const { data } = answer;
      client.setQueryData(keys.flag(environment, data.key), answer);
      client.setQueryData<readonly FlagSummary[]>(
        keys.summaries(environment),
        (list) => list && placed(list, summaryOf(data)),
      );
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

function placed(list: readonly FlagSummary[], summary: FlagSummary): readonly FlagSummary[] {
  const at = list.findIndex(({ key }) => key === summary.key);
  if (at !== -1) return list.with(at, summary);
  return [...list, summary].sort((a, b) => (a.key < b.key ? -1 : 1));
}
