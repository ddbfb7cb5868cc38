/**
 * How many different users there were, from a kilobyte that knows none of them: HyperLogLog (Flajolet and others 2007) with Ertl's
 * estimator (2017), which needs no tables and is right for few users as for many. Standard error 3.3 %.
 */
export class Sketch {
  /** The greatest number of leading zeros, plus 1, of the hashes that fell to each register. */
  readonly #registers: Uint8Array;

  constructor(registers: Uint8Array = new Uint8Array(REGISTERS)) {
    this.#registers = registers;
  }

  /**
   * Counts a user, once however often.
   *
   * @param high a hash's upper 32 bits, and `low` its lower ones.
   * @returns whether the sketch has changed.
   */
  add(high: number, low: number): boolean {
    const index = high >>> (32 - INDEX_BITS);
    const rest = high << INDEX_BITS;
    const zeros = rest === 0 ? 32 - INDEX_BITS + Math.clz32(low) : Math.clz32(rest);
    if (zeros < (this.#registers[index] ?? 0)) return false;
    this.#registers[index] = zeros + 1;
    return true;
  }

  /** Adds the users of another one: those of both are not counted twice. */
  merge(other: Sketch): void {
    for (let index = 0; index < REGISTERS; index++) {
      this.#registers[index] = Math.max(this.#registers[index] ?? 0, other.#registers[index] ?? 0);
    }
  }

  /** How many users there are. */
  estimate(): number {
    const counts = new Array<number>(LONGEST + 2).fill(0);
    for (const register of this.#registers) counts[register] = (counts[register] ?? 0) + 1;
    let z = REGISTERS * tau(1 - (counts[LONGEST + 1] ?? 0) / REGISTERS);
    for (let k = LONGEST; k >= 1; k--) z = (z + (counts[k] ?? 0)) / 2;
    z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
    return REGISTERS ** 2 / (2 * Math.LN2 * z);
  }

  bytes(): Uint8Array {
    return this.#registers.slice();
  }

  /** @returns `undefined` when it is none. */
  static of(bytes: Uint8Array): Sketch | undefined {
    if (bytes.length !== REGISTERS || bytes.some((register) => register > LONGEST + 1)) return undefined;
    return new Sketch(Uint8Array.from(bytes));
  }
}

const INDEX_BITS = 10;
const REGISTERS = 2 ** INDEX_BITS;
/** Bits of a hash that are not the index. */
const LONGEST = 64 - INDEX_BITS;

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let [power, y, z, before] = [x, 1, x, Number.NaN];
  while (z !== before) {
    power *= power;
    before = z;
    z += power * y;
    y += y;
  }
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, y, z, before] = [x, 1, 1 - x, Number.NaN];
  while (z !== before) {
    root = Math.sqrt(root);
    before = z;
    y /= 2;
    z -= (1 - root) ** 2 * y;
  }
  return z / 3;
}
