/**
 * Calls code of the application, which must not disturb the center: what it throws, or its promise rejects with, goes to
 * `failed`.
 */
export function contain(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

/** A set of listeners. One that throws, or whose promise rejects, disturbs neither the others nor the caller of {@link emit}. */
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
