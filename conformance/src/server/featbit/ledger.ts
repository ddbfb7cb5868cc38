import { eventId, type ReceivedEvent } from './insight-body.js';

/** A request to the event service. */
export interface InsightRequest {
  /** Unix milliseconds. */
  readonly at: number;
  readonly bytes: number;
  /** The events that are to be kept of it; 0 where it was refused. */
  readonly events: number;
  /** Absent as long as the answer is. */
  answer?: { readonly at: number; readonly status: number };
  /** The client was gone before the answer. */
  givenUp: boolean;
}

/** What became of events, by the identity that {@link eventId} gives them. */
export interface LedgerSummary {
  /** Different events that were kept. */
  readonly kept: number;
  /** Events that were kept more than once. */
  readonly doubled: number;
  /** Rows beyond the first of an event. */
  readonly extraRows: number;
  /** Different events that were answered with success and are not there. */
  readonly lost: number;
}

/** What the server kept, and of which requests. */
export class Ledger {
  readonly requests: InsightRequest[] = [];
  readonly #kept = new Map<string, number>();
  readonly #lost = new Set<string>();

  keep(event: ReceivedEvent): void {
    const id = eventId(event);
    this.#kept.set(id, (this.#kept.get(id) ?? 0) + 1);
  }

  /** An event whose request is answered with success all the same. */
  lose(event: ReceivedEvent): void {
    this.#lost.add(eventId(event));
  }

  /** How often an event was kept. */
  timesKept(id: string): number {
    return this.#kept.get(id) ?? 0;
  }

  /** The identities of what was kept, in the order of their first row. */
  get kept(): readonly string[] {
    return [...this.#kept.keys()];
  }

  get summary(): LedgerSummary {
    const rows = [...this.#kept.values()];
    return {
      kept: rows.length,
      doubled: rows.filter((count) => count > 1).length,
      extraRows: rows.reduce((sum, count) => sum + count - 1, 0),
      lost: [...this.#lost].filter((id) => !this.#kept.has(id)).length,
    };
  }
}
