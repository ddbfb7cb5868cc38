import { useQuery } from '@tanstack/react-query';
import type { DocumentKind } from '../api/calls.js';
import { calls } from '../api/session.js';

/** How a document was in a version; it never changes again. */
export function useVersion<D>(environment: string, kind: DocumentKind, key: string, version: number) {
  return useQuery({
    queryKey: ['version', environment, kind, key, version],
    queryFn: ({ signal }) => calls.versionOf<D>(environment, kind, key, version, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
