import { expect } from 'vitest';

/** What comes to hold, on a slow machine too. */
export function eventually<T>(read: () => T, { timeout = 15_000 }: { readonly timeout?: number } = {}) {
  return expect.poll(read, { timeout, interval: 20 });
}
