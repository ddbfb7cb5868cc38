import type { CommitEvent } from 'fbcenter';

/** The key of the flag that the center has. */
export const PUSHED_FLAG = 'pushed';

/** What the center's process says first. */
export interface CenterAddress {
  readonly url: string;
  readonly serverSecret: string;
}

/** What it says when the flag has been committed. */
export type CenterCommit = Pick<CommitEvent, 'committedAt'>;
