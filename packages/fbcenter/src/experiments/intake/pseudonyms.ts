import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/**
 * Names users of an environment without saying who they are: a keyed hash, so that nobody who has the data alone can try out
 * keys of users. 53 bits, which a number holds: a million users have any collision with a chance of 6e-5.
 */
export class Pseudonyms {
  readonly #key: KeyObject;

  /** @param key of the environment, as hexadecimal text. */
  constructor(key: string) {
    this.#key = createSecretKey(key, 'hex');
  }

  of(userKey: string): number {
    const hash = createHmac('sha256', this.#key).update(userKey).digest();
    return hash.readUInt32BE(0) * 2 ** 21 + (hash.readUInt32BE(4) >>> 11);
  }
}
