import type { SecretKind } from '../model/environment.js';

/** A page of the SDKs that stream an environment now, by when they came. */
export interface ConnectionListBody {
  /** All of them, not only those of the page. */
  readonly count: number;
  readonly items: readonly ConnectionBody[];
  /** What to send as `after` for the page that follows, or null. */
  readonly next: string | null;
}

export interface ConnectionBody {
  readonly id: string;
  /** Whether it has come with a server secret or a client secret. */
  readonly kind: SecretKind;
  /** The name and version that it gives; null when it gives none. */
  readonly name: string | null;
  readonly version: string | null;
  /** When it was let in, as ISO 8601. */
  readonly since: string;
  /** The environment's version up to which everything was sent to it; null before it was sent anything. */
  readonly sentVersion: number | null;
  /** Changes that it has not been sent yet; null when it waits for everything anew. */
  readonly behind: number | null;
}

/** The data of an event `connections`: SDKs have come or gone. */
export interface ConnectionsEventBody {
  readonly count: number;
}
