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
  /** How long the answers took that refuse a change, by what they say; in milliseconds. */
  readonly refusals = new Map<string, number[]>();
  /** Why it is not known what became of changes and insights, and of how many. */
  readonly doubts = new Map<string, number>();
  #next = 1;

  /** @param time how long the answer took, in milliseconds. */
  refused(change: number, reason: string, time: number): void {
    this.changes.refused.add(change);
    const times = this.refusals.get(reason) ?? [];
    times.push(time);
    this.refusals.set(reason, times);
  }

  doubted(reason: string): void {
    this.doubts.set(reason, (this.doubts.get(reason) ?? 0) + 1);
  }

  nextChange(): number {
    return this.#next++;
  }
}
