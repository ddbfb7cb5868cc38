import type { Actor } from '../model/actor.js';

/** What somebody did about who may do what, for the history of changes. No credential is in it. */
export interface AccessEvent {
  readonly actor: Actor;
  /** Unix milliseconds. */
  readonly at: number;
  readonly action:
    | 'signed-in'
    | 'sign-in-refused'
    | 'signed-out'
    | 'session-ended'
    | 'password-changed'
    | 'link-made'
    | 'link-followed'
    | 'user-added'
    | 'user-changed'
    | 'user-removed'
    | 'token-made'
    | 'token-revoked';
  /** Whom or what it is about. */
  readonly subject: { readonly kind: 'user' | 'token'; readonly id: string; readonly name: string };
  /** As it was, and as it is now; absent where nothing was, or nothing is left. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Keeps an event. What it rejects with is logged by whoever gives it. */
export type RecordAccess = (event: AccessEvent) => void | Promise<void>;
