/** A list with at most this many keys is searched without an index: a Set costs more memory and is no faster. */
const SHORT_LIST = 8;

/**
 * A set of strings that is indexed when it is first used. Most flags and segments of an environment are not evaluated in
 * the first seconds, and an index takes several times the list's memory.
 */
export class KeySet {
  #list: readonly string[] | undefined;
  #index: ReadonlySet<string> | undefined;

  /** @param keys kept, not copied. */
  constructor(keys: readonly string[]) {
    this.#list = keys;
  }

  has(key: string): boolean {
    if (this.#index !== undefined) return this.#index.has(key);
    const list = this.#list ?? [];
    if (list.length <= SHORT_LIST) return list.includes(key);
    this.#index = new Set(list);
    this.#list = undefined;
    return this.#index.has(key);
  }
}
