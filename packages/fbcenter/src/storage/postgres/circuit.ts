/**
 * Whether the database is worth asking: while it is away calls fail at once, with the reason, and none of them waits for what does not come. Only a probe,
 * for which nobody waits, goes on to ask.
 */
export class Circuit {
  #reason: string | undefined;

  /** Why the database is away, as far as one knows; `undefined` when it is there. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** The database was away. @returns whether that is news. */
  failed(reason: string): boolean {
    const isNews = this.#reason === undefined;
    this.#reason = reason;
    return isNews;
  }

  /** The database has answered. @returns whether that is news. */
  succeeded(): boolean {
    const isNews = this.#reason !== undefined;
    this.#reason = undefined;
    return isNews;
  }
}
