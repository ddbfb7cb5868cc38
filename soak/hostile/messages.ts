/** How to reach the center, for the process of the attackers. */
export interface Victim {
  readonly url: string;
  readonly adminToken: string;
  /** Of the environment that is large. */
  readonly serverSecret: string;
  readonly clientSecret: string;
  /** Of the environment that the good SDKs stream. */
  readonly goodClientSecret: string;
  readonly seed: number;
}

/** How to reach the center and an environment of it. */
export interface Watched {
  readonly url: string;
  readonly serverSecret: string;
}

/** What the process says that asks for life and hears of changes. */
export type ProbeMessage =
  /** How long an answer took, in milliseconds; null for none. */
  | { readonly kind: 'life'; readonly took: number | null }
  /** A change has come, by the machine's clock in Unix milliseconds. */
  | { readonly kind: 'heard'; readonly version: number; readonly at: number };

/** What the process of the center says. */
export type CenterMessage =
  | {
      readonly kind: 'started';
      readonly url: string;
      readonly adminToken: string;
      readonly environments: readonly {
        readonly key: string;
        readonly serverSecret: string;
        readonly clientSecret: string;
      }[];
    }
  /** A commit; times by the machine's clock in Unix milliseconds. */
  | {
      readonly kind: 'commit';
      readonly environment: string;
      readonly version: number;
      readonly at: number;
      /** When it had been handed to the sockets of everybody who follows. */
      readonly sentAt: number;
    }
  | {
      readonly kind: 'sample';
      readonly memory: NodeJS.MemoryUsage;
      /** Longest delay of the event loop so far, in milliseconds. */
      readonly delay: number;
      /** Longest garbage collection so far, in milliseconds. */
      readonly collection: number;
      /** Time of the processors so far, in milliseconds. */
      readonly processor: number;
    };
