import type { Clock } from 'fbclient/upstream';

/** Waits for the first answers of upstream. */
export class FirstAnswers {
  readonly #clock: Pick<Clock, 'awaited'>;
  readonly #missing = new Set<string>();
  #done: () => void = () => {};

  constructor(clock: Pick<Clock, 'awaited'>) {
    this.#clock = clock;
  }

  expect(name: string): void {
    this.#missing.add(name);
  }

  came(name: string): void {
    this.#missing.delete(name);
    if (this.#missing.size === 0) this.#done();
  }

  /** Fulfils when all that are expected have come, or the time is over. */
  all(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.awaited(milliseconds, resolve);
      this.#done = () => {
        cancel();
        resolve();
      };
      if (this.#missing.size === 0) this.#done();
    });
  }
}
