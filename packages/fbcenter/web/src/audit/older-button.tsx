import { Button } from '../ui/controls.js';
import { Notice } from '../ui/notice.js';
import { reasonOf } from '../ui/toasts.js';
import type { useEntries } from './entries.js';

/** Loads the entries before those that are shown. */
export function OlderButton({ of: entries }: { readonly of: ReturnType<typeof useEntries> }) {
  const { hasMore, isLoadingMore, moreError, more } = entries;
  return (
    <>
      {moreError !== undefined && <Notice kind="warning">{reasonOf(moreError)}</Notice>}
      {hasMore && (
        <Button onClick={() => void more()} disabled={isLoadingMore}>
          Older entries
        </Button>
      )}
    </>
  );
}
