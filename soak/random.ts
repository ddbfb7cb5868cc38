/** Numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  /** @param seed any whole number. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /**
   * From 0 (included) to 1 (excluded).
   *
   * Source: mulberry32, Tommy Ettinger, public domain.
   */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    return list.flatMap(() => rest.splice(this.between(0, rest.length - 1), 1));
  }
}
