import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AuditEntryBody, AuditListBody } from '../../../src/api/audit.js';

interface Older {
  /** What they follow on: entries of another filter, or from before a change, are not shown. */
  readonly of: AuditListBody;
  readonly items: readonly AuditEntryBody[];
  readonly next: string | null;
  readonly error: unknown;
  readonly isLoading: boolean;
}

/** Entries of the audit log: the newest at once, older ones page by page when they are asked for. */
export function useEntries(
  key: readonly unknown[],
  load: (after: string | null, signal: AbortSignal) => Promise<AuditListBody>,
) {
  const first = useQuery({ queryKey: key, queryFn: ({ signal }) => load(null, signal) });
  const [kept, setKept] = useState<Older>();
  const older = kept !== undefined && kept.of === first.data ? kept : undefined;
  const next = older === undefined ? (first.data?.next ?? null) : older.next;
  const more = async () => {
    if (first.data === undefined || next === null || older?.isLoading === true) return;
    const before = older ?? { of: first.data, items: [], next, error: undefined, isLoading: false };
    setKept({ ...before, isLoading: true, error: undefined });
    try {
      const page = await load(next, new AbortController().signal);
      setKept({ ...before, items: [...before.items, ...page.items], next: page.next, isLoading: false });
    } catch (error) {
      setKept({ ...before, isLoading: false, error });
    }
  };
  return {
    first,
    items: first.data === undefined ? undefined : [...first.data.items, ...(older?.items ?? [])],
    hasMore: next !== null,
    isLoadingMore: older?.isLoading === true,
    moreError: older?.error,
    more,
  };
}
