import type { ChangeSet, Difference } from '../flags/store.js';

/**
 * A push that arrives this much later than the answer that already had its change is on time, in milliseconds: the answer
 * only overtook it.
 */
const GRACE = 10_000;

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Counts what healing puts right: documents that an answer to a repeated request made other ones, and that are not pushed as
 * well. A change that is pushed while a request is answered must not be counted: nothing was wrong then.
 */
export class HealingLedger {
  /** Documents in the version that an answer has brought, with the time. */
  readonly #pending = new Map<string, { readonly version: number | undefined; readonly at: number }>();
  /** What came while a request was not answered: answer or push. */
  readonly #candidates = new Map<string, number | undefined>();

  /** Changes came while a request was unanswered: they may be pushes. */
  changed(differences: readonly Difference[], changes: ChangeSet): void {
    // What comes a second time was pushed and is in the answer as well.
    this.pushed(changes);
    for (const { kind, key, after } of differences) this.#candidates.set(`${kind} ${key}`, after);
  }

  /** The answer turned out to be something else: what came was pushed. */
  wasPushed(): void {
    this.#candidates.clear();
  }

  /** The answer was among what came. */
  wasAnswer(now: number): void {
    for (const [document, version] of this.#candidates) this.#pending.set(document, { version, at: now });
    this.#candidates.clear();
  }

  /** These changes were the answer. */
  answered(differences: readonly Difference[], now: number): void {
    this.full(differences, NOTHING, now);
  }

  /**
   * A full message was the answer.
   *
   * @param undone documents that were pushed newer than the message has them: their differences are its fault.
   */
  full(differences: readonly Difference[], undone: ReadonlySet<string>, now: number): void {
    this.wasPushed();
    for (const { kind, key, after } of differences) {
      const document = `${kind} ${key}`;
      if (!undone.has(document)) this.#pending.set(document, { version: after, at: now });
    }
  }

  /** A push came: what it brings would have come without healing. */
  pushed({ flags, segments }: ChangeSet): void {
    if (this.#pending.size === 0 && this.#candidates.size === 0) return;
    for (const { key, compiled } of flags) this.#explain(`flag ${key}`, compiled.version);
    for (const { key, compiled } of segments) this.#explain(`segment ${key}`, compiled.version);
  }

  /** @returns how many documents healing has put right since the last time, as far as is certain now. */
  settle(now: number): number {
    let repaired = 0;
    for (const [document, { at }] of this.#pending) {
      if (now - at < GRACE) continue;
      this.#pending.delete(document);
      repaired += 1;
    }
    return repaired;
  }

  #explain(document: string, version: number): void {
    if (this.#pending.get(document)?.version === version) this.#pending.delete(document);
    if (this.#candidates.get(document) === version) this.#candidates.delete(document);
  }
}
