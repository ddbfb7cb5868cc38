import { randomBytes } from 'node:crypto';

/** An id for something new: 96 random bits, which names it without giving it away. */
export function newId(): string {
  return randomBytes(12).toString('hex');
}
