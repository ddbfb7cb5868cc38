import { useCallback, useEffect, useState } from 'react';
import type { Versioned } from '../api/http.js';
import { isEqual, merge, type PartsOf } from '../model/parts.js';

/** What somebody has typed and not saved, and the state that they began with. */
interface Draft<D> {
  readonly base: Versioned<D>;
  readonly mine: D;
}

/** Drafts outlive their page, so that a look at another page costs nothing. They end with the tab. */
const drafts = new Map<string, Draft<unknown>>();

export interface DraftState<D> {
  readonly document: D;
  /** The state on which the draft is built, to compare with and to save against. */
  readonly base: Versioned<D>;
  readonly isDirty: boolean;
  /** The server has a newer state than the draft is built on. */
  readonly isBehind: boolean;
  edit(change: (document: D) => D): void;
  /** @returns what brings the discarded draft back. */
  discard(): () => void;
  /** Builds the draft on a newer state; where both changed a part, `mineWins` says whose stays. */
  rebase(on: Versioned<D>, mineWins?: (id: string) => boolean): Versioned<D>;
}

/** The document as it is being edited: the server's as long as nothing was typed. */
export function useDraft<D>(id: string, latest: Versioned<D>, partsOf: PartsOf<D>): DraftState<D> {
  const [draft, setDraft] = useState(() => drafts.get(id) as Draft<D> | undefined);
  const keep = useCallback(
    (next: Draft<D> | undefined) => {
      if (next === undefined) drafts.delete(id);
      else drafts.set(id, next);
      setDraft(next);
    },
    [id],
  );
  const base = draft?.base ?? latest;
  const document = draft?.mine ?? latest.data;
  const isDirty = draft !== undefined;

  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isDirty]);

  return {
    document,
    base,
    isDirty,
    isBehind: isDirty && latest.version > base.version,
    edit: (change) => {
      // Presses may come faster than the page is drawn: each builds on the one before.
      const current = (drafts.get(id) as Draft<D> | undefined) ?? { base: latest, mine: latest.data };
      const mine = change(current.mine);
      keep(isEqual(mine, current.base.data) ? undefined : { base: current.base, mine });
    },
    discard: () => {
      const discarded = drafts.get(id) as Draft<D> | undefined;
      keep(undefined);
      return () => keep(discarded);
    },
    rebase: (on, mineWins = () => true) => {
      const current = drafts.get(id) as Draft<D> | undefined;
      if (current === undefined) return on;
      const mine = merge(partsOf, current.base.data, on.data, current.mine, mineWins);
      keep(isEqual(mine, on.data) ? undefined : { base: on, mine });
      return { data: mine, version: on.version };
    },
  };
}
