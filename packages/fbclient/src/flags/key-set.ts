/** A list no longer than this is searched as it is: a Set costs more memory and is no faster. */
const SHORT_LIST = 8;

/**
 * A set of strings that is indexed when it is first asked. Most flags and segments of an environment are not asked about
 * in the first seconds, and an index takes several times the list's memory.
 */
export class KeySet {
  #keys: readonly string[] | ReadonlySet<string>;

  /** @param keys kept, not copied. */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  has(key: string): boolean {
    const keys = this.#keys;
    if (keys instanceof Set) return keys.has(key);
    const list = keys as readonly string[];
    if (list.length <= SHORT_LIST) return list.includes(key);
    const index = new Set(list);
    this.#keys = index;
    return index.has(key);
  }
}
