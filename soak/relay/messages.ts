/** What the processes of the run tell each other. */
export type FromSdks =
  /** Every connection has had an answer since it was last asked for. */
  | { readonly kind: 'synced'; readonly milliseconds: number; readonly fulls: number; readonly patches: number }
  /** Every connection has a flag in this version, or a newer one. */
  | { readonly kind: 'reached'; readonly version: number; readonly at: number }
  | {
      readonly kind: 'counts';
      /** Full messages that had a flag older than the same connection had it from a patch. */
      readonly stepsBack: number;
      readonly connects: number;
      readonly open: number;
      /** The names of insights that were answered 200, and of those that were not answered. */
      readonly accepted: readonly string[];
      readonly unanswered: readonly string[];
      readonly refused: number;
    };

export type ToSdks =
  | { readonly kind: 'connect'; readonly url: string; readonly secret: string; readonly connections: number }
  /** Waits until all are connected and have an answer. */
  | { readonly kind: 'sync' }
  /** Waits until all have a flag in a version. */
  | { readonly kind: 'expect'; readonly key: string; readonly version: number }
  /** Sends so many insights, one in each request, spread over some milliseconds. */
  | { readonly kind: 'track'; readonly count: number; readonly over: number }
  | { readonly kind: 'count' };
