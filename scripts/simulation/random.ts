/** Numbers that look random and are the same for the same seed and stream: what a table is made of can be made again. */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e37_79b9;
  #counter = 1;
  readonly #tables = new Map<string, readonly number[]>();

  /**
   * @param seed any whole number.
   * @param stream which of many sequences of the seed.
   */
  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    for (let round = 0; round < 20; round++) this.#next();
  }

  /** 32 bits. Source: sfc32, Chris Doty-Humphrey, PractRand, public domain. */
  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 to 1, both excluded. */
  uniform(): number {
    return ((this.#next() >>> 6) * 2 ** 27 + (this.#next() >>> 5) + 0.5) * 2 ** -53;
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** How many of `n` users convert; exact, by a table of the distribution for each n and rate. */
  binomial(n: number, rate: number): number {
    const key = `${n} ${rate}`;
    const table = this.#tables.get(key) ?? cumulative(n, rate);
    this.#tables.set(key, table);
    const u = this.uniform();
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((table[middle] ?? 1) > u) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** P(X ≤ k) for k from 0 to n, 0 < rate < 1. */
function cumulative(n: number, rate: number): readonly number[] {
  // From the likeliest number to both sides, so that nothing underflows that counts.
  const mode = Math.floor((n + 1) * rate);
  const odds = rate / (1 - rate);
  const weights = new Array<number>(n + 1).fill(0);
  weights[mode] = 1;
  for (let k = mode; k < n; k++) weights[k + 1] = ((weights[k] ?? 0) * odds * (n - k)) / (k + 1);
  for (let k = mode; k > 0; k--) weights[k - 1] = ((weights[k] ?? 0) * k) / (odds * (n - k + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
}
