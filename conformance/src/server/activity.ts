/** Raised where something that should happen does not happen in time. */
export class NotSeenError extends Error {}

/** Lets a case wait for what a server sees: conditions are looked at again whenever something happens. */
export class Activity {
  readonly #watchers = new Set<() => void>();

  /** Something happened. */
  happened(): void {
    for (const look of [...this.#watchers]) look();
  }

  /**
   * Waits until `find` finds something.
   *
   * @param what ends the sentence "expected …".
   * @throws NotSeenError after the time, in milliseconds.
   */
  until<T>(what: string, find: () => T | undefined, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new NotSeenError(`expected ${what} within ${timeoutMs} ms; it did not happen`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }
}
