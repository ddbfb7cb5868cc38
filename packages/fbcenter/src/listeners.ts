import { contain } from './contain.js';

/** A set of listeners in which a listener that throws, or whose promise rejects, disturbs neither the others nor the one who tells them. */
export class Listeners<T> {
  readonly #listeners = new Set<{ readonly call: (event: T) => void }>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** @returns a function that ends the subscription; the same function added twice is two subscriptions. */
  add(listener: (event: T) => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  emit(event: T): void {
    for (const { call } of [...this.#listeners]) contain(() => call(event), this.#onError);
  }
}
