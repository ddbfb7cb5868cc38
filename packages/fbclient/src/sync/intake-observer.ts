import type { SyncError } from '../errors.js';
import type { ChangeSet } from '../flags/store.js';

/** How current data is: what the source has, or of an age in milliseconds that may not be known. */
export type Freshness =
  /** `isConfirmed`: the source has answered just now; otherwise it is only known to be there. */
  | { readonly inSync: true; readonly isConfirmed: boolean }
  | { readonly inSync: false; readonly age: number | undefined };

/** What the rest of the client learns about the data; called in this order for each data-sync. */
export interface IntakeObserver {
  /** A data-sync is in the store, and has changed what is held or not. `freshness` is missing when it is not the whole: evaluations do not see more than before. */
  committed(changes: ChangeSet, isChanged: boolean, freshness: Freshness | undefined): void;
  /** The flags that a commit may have changed; after the status. */
  affected(flagKeys: Iterable<string>): void;
  confirmed(isAnswer: boolean): void;
  interrupted(error: SyncError): void;
  failed(error: SyncError): void;
}
