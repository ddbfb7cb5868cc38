import type { LookUpTable } from './look-up.js';
import { firstFrom, type Positions, withPosition } from './positions.js';

/** Rules by the values that they ask for. */
export class ValueTable implements LookUpTable<string, Positions> {
  readonly #rules = new Map<string, Positions>();

  /** @param position behind those of the rules that were added before. */
  add(values: readonly string[], position: number): void {
    for (const value of new Set(values)) this.#rules.set(value, withPosition(this.#rules.get(value), position));
  }

  find(value: string): Positions | undefined {
    return this.#rules.get(value);
  }

  nextFrom(found: Positions, from: number): number {
    return firstFrom(found, from);
  }
}
