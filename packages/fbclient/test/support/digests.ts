import { vi } from 'vitest';

/**
 * Watches the digests that the tests of a file ask for; call it once, at the top of the file.
 *
 * @returns what fulfils when every digest that was asked for is there: they are made off the main thread, and the one asked for
 * last may come first.
 */
export function watchDigests(): () => Promise<void> {
  const asked = vi.spyOn(crypto.subtle, 'digest');
  return async () => {
    await Promise.all(asked.mock.results.map(({ value }) => value));
  };
}
