import { vi } from 'vitest';

const asked = vi.spyOn(crypto.subtle, 'digest');

/** Fulfils when every digest that was asked for is there: they are made off the main thread, and the one asked for last may come first. */
export async function digested(): Promise<void> {
  await Promise.all(asked.mock.results.map(({ value }) => value));
}
