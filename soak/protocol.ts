/** What the soak and the process of the SDK under test say to each other. */

export const SDKS = ['fbclient', 'featbit'] as const;
export type SdkName = (typeof SDKS)[number];

/** What an SDK lives with: a network at which everything goes wrong, or a FeatBit server as it is in the field. */
export const PROFILES = ['faults', 'featbit'] as const;
export type Profile = (typeof PROFILES)[number];

/** How the process is started: its first argument, as JSON. */
export interface SubjectInput {
  readonly sdk: SdkName;
  readonly profile: Profile;
  readonly envSecret: string;
  readonly streamingUrl: string;
  readonly eventUrl: string;
}

export type Order =
  /** Collect garbage and tell how things are. */
  | { readonly order: 'sample' }
  /** Tell what every flag is. */
  | { readonly order: 'state' }
  /** No more evaluations and metrics; send what waits. */
  | { readonly order: 'stop' }
  | { readonly order: 'close' };

/** What the SDK itself says of its events; `undefined` when it counts nothing. */
export interface OwnCounters {
  readonly sent: number;
  /** Given up or dropped, whatever the reason. */
  readonly lost: number;
}

export interface Sample {
  /** After a garbage collection, in bytes. */
  readonly heapUsed: number;
  readonly evaluations: number;
  /** Evaluations and metrics that make an event. */
  readonly recorded: number;
  readonly thrown: number;
  readonly unhandled: readonly string[];
  /** Sockets to the streaming service. */
  readonly connections: number;
  /** At the same time; absent where they cannot be told from others. */
  readonly mostConnections: number | undefined;
  /** The longest that the event loop stood still, in milliseconds. */
  readonly longestStall: number;
  readonly own: OwnCounters | undefined;
}

export type Reply =
  | { readonly reply: 'started' }
  | { readonly reply: 'sample'; readonly sample: Sample }
  /** A digest of each flag's value, by its key. */
  | { readonly reply: 'state'; readonly flags: Readonly<Record<string, string>> }
  | { readonly reply: 'stopped' }
  | { readonly reply: 'closed'; readonly milliseconds: number };
