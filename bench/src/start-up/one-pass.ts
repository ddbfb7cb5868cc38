import type { Client } from '../adapters/sdk.js';
import { passOver } from './pass-over.js';

/** A limit: whoever reads a text in JavaScript has at least to look at each of its bytes. */
export const sdk = {
  open: async (text: string): Promise<Pick<Client, 'close'> & { readonly found: number }> => ({
    found: passOver(new TextEncoder().encode(text)),
    close: async () => undefined,
  }),
};
