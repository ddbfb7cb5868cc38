import { KeyedHash } from './keyed-hash.js';

/** Users whose names are at hand, twice: as many as the processor's caches hold. More are slower to find than to name anew. */
const REMEMBERED = 1_000;
/** Longer keys of users are not remembered, in UTF-16 units. */
const LONGEST = 64;

/**
 * Names users of an environment without saying who they are: a keyed hash, so that nobody who has the data alone can try out
 * keys of users. 53 bits, which a number holds: a million users have any collision with a chance of 6e-5.
 */
export class Pseudonyms {
  readonly #hash: KeyedHash;
  /** Users send several events in a row, and a hash costs more than all the rest that is asked of an event. In memory only. */
  #recent = new Map<string, number>();
  #older: ReadonlyMap<string, number> = new Map();

  /** @param key of the environment, as hexadecimal text. */
  constructor(key: string) {
    this.#hash = new KeyedHash(Buffer.from(key, 'hex'));
  }

  of(userKey: string): number {
    const recent = this.#recent.get(userKey);
    if (recent !== undefined) return recent;
    const pseudonym = this.#older.get(userKey) ?? this.#make(userKey);
    if (userKey.length > LONGEST) return pseudonym;
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(userKey, pseudonym);
    return pseudonym;
  }

  #make(userKey: string): number {
    const [high, low] = this.#hash.of(userKey);
    return high * 2 ** 21 + (low >>> 11);
  }
}
