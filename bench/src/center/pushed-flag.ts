import type { CommitEvent } from 'fbcenter';

/** The key of the flag that each environment of the center has. */
export const PUSHED_FLAG = 'pushed';

/** What the center's process says first. */
export interface CenterAddress {
  readonly kind: 'ready';
  readonly url: string;
  /** Of each environment. */
  readonly serverSecrets: readonly string[];
}

/** What it says when a flag has been committed. */
export type CenterCommit = { readonly kind: 'commit' } & Pick<CommitEvent, 'committedAt'>;

export type FromCenter = CenterAddress | CenterCommit;
