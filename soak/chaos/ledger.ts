/** What became of what was sent: `unknown` = there was no answer, or one that says that nobody knows. */
export type Fate = 'acknowledged' | 'refused' | 'unknown';

/** What was sent and what was answered. */
export class Ledger {
  /** The numbers of changes, by their fate. */
  readonly changes: Readonly<Record<Fate, Set<number>>> = {
    acknowledged: new Set(),
    refused: new Set(),
    unknown: new Set(),
  };
  readonly insights: Record<Fate, number> = { acknowledged: 0, refused: 0, unknown: 0 };
  /** How long the longest answer took that refuses a change, in milliseconds. */
  slowestRefusal = 0;
  #next = 1;

  nextChange(): number {
    return this.#next++;
  }
}
