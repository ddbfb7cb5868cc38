import { useMemo } from 'react';
import { useSummaries } from '../../api/queries.js';

/** The flags that ask about a segment, by its id; `undefined` until it is known. */
export type SegmentUsers = (id: string) => readonly string[] | undefined;

export function useSegmentUsers(environment: string): SegmentUsers {
  const flags = useSummaries(environment).data;
  return useMemo(() => {
    const users = new Map<string, string[]>();
    for (const flag of flags ?? []) {
      if (flag.isArchived) continue;
      for (const id of flag.segments) users.set(id, [...(users.get(id) ?? []), flag.key]);
    }
    return (id: string) => (flags === undefined ? undefined : (users.get(id) ?? []));
  }, [flags]);
}
