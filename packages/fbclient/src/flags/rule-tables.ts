import type { Attribute } from './attributes.js';
import type { BoundCriterion, Criterion } from './criterion.js';
import type { Occasion } from './occasion.js';
import type { Warnings } from './warnings.js';

/** What a set of rules asks of one attribute. A set of rules is a number with a bit for each. */
export interface RuleTable {
  /** A bit of its own among the tables of the rules. */
  readonly bit: number;
  /** All rules but those whose conditions in the table do not hold. */
  holding(occasion: Occasion): number;
}

const ALL = -1;

/** The most tables: a bit for each. */
const MAX_TABLES = 31;

/** So many values are compared as quickly as they are looked up. */
const FEW_VALUES = 2;

type ValueCriterion = Criterion & { readonly kind: 'value' | 'other-value' };

/** The tables of a set of rules while they are made. Tables are complete when {@link complete} was called. */
export class RuleTables {
  readonly #texts = new Map<Attribute, TextTable>();
  readonly #numbers = new Map<Attribute, NumberTable>();

  /**
   * Takes up what a rule asks.
   *
   * @param rule its bit.
   * @returns the table that has it now; `undefined` when none can.
   */
  take(criterion: Criterion, rule: number): RuleTable | undefined {
    switch (criterion.kind) {
      case 'value':
      case 'other-value': {
        const table = this.#found(this.#texts, criterion.attribute, (bit) => new TextTable(bit, criterion.attribute));
        return table?.take(criterion, rule) === true ? table : undefined;
      }
      case 'at-most':
      case 'at-least': {
        const { attribute, warnings } = criterion;
        const table = this.#found(this.#numbers, attribute, (bit) => new NumberTable(bit, attribute, warnings));
        table?.take(criterion, rule);
        return table;
      }
      default:
        return undefined;
    }
  }

  complete(): void {
    for (const table of this.#texts.values()) table.complete();
    for (const table of this.#numbers.values()) table.complete();
  }

  #found<T>(tables: Map<Attribute, T>, attribute: Attribute, create: (bit: number) => T): T | undefined {
    const known = tables.get(attribute);
    const count = this.#texts.size + this.#numbers.size;
    if (known !== undefined || count >= MAX_TABLES) return known;
    const table = create(1 << count);
    tables.set(attribute, table);
    return table;
  }
}

/** Conditions that an attribute's text is one of some values, or none of them. */
class TextTable implements RuleTable {
  readonly bit: number;
  readonly #attribute: Attribute;
  /** While it is made, of the rules that name the value: those that want it, and those that do not. Then the rules that can hold with it. */
  readonly #values = new Map<string, number>();
  readonly #unwanted = new Map<string, number>();
  /** The values where there are few of them, and the rules that can hold with each. */
  #few: readonly string[] | undefined;
  #rulesOfFew: readonly number[] = [];
  /** The rules that want one of some values, and those that want none of some. */
  #wanting = 0;
  #refusing = 0;

  constructor(bit: number, attribute: Attribute) {
    this.bit = bit;
    this.#attribute = attribute;
  }

  /** @returns whether it was taken. A rule can want one value of one list only. */
  take({ kind, values }: ValueCriterion, rule: number): boolean {
    const isWanted = kind === 'value';
    if (isWanted && (this.#wanting & rule) !== 0) return false;
    if (isWanted) this.#wanting |= rule;
    else this.#refusing |= rule;
    const rules = isWanted ? this.#values : this.#unwanted;
    for (const value of values) rules.set(value, (rules.get(value) ?? 0) | rule);
    return true;
  }

  complete(): void {
    for (const value of this.#unwanted.keys()) if (!this.#values.has(value)) this.#values.set(value, 0);
    for (const [value, wanting] of this.#values) {
      const excluded = (this.#wanting & ~wanting) | (this.#unwanted.get(value) ?? 0);
      this.#values.set(value, ~excluded);
    }
    this.#unwanted.clear();
    if (this.#values.size > FEW_VALUES) return;
    this.#few = [...this.#values.keys()];
    this.#rulesOfFew = [...this.#values.values()];
  }

  holding(occasion: Occasion): number {
    const text = this.#attribute.textOn(occasion);
    if (text === undefined) return ~(this.#wanting | this.#refusing);
    const few = this.#few;
    if (few === undefined) return this.#values.get(text) ?? ~this.#wanting;
    for (let i = 0; i < few.length; i++) if (few[i] === text) return this.#rulesOfFew[i] as number;
    return ~this.#wanting;
  }
}

/** Conditions that an attribute's number is on one side of a bound. */
class NumberTable implements RuleTable {
  readonly bit: number;
  readonly #attribute: Attribute;
  readonly #warnings: Warnings | undefined;
  #criteria: { readonly criterion: BoundCriterion; readonly rule: number }[] = [];
  #asking = 0;
  /** Different, in ascending order. */
  #bounds = new Float64Array();
  /** The rules that can hold below the first bound, on it, between it and the second, and so on. */
  #rules = Int32Array.of(ALL);

  constructor(bit: number, attribute: Attribute, warnings: Warnings | undefined) {
    this.bit = bit;
    this.#attribute = attribute;
    this.#warnings = warnings;
  }

  take(criterion: BoundCriterion, rule: number): void {
    this.#criteria.push({ criterion, rule });
    this.#asking |= rule;
  }

  complete(): void {
    const bounds = [...new Set(this.#criteria.map(({ criterion }) => criterion.bound))].sort((a, b) => a - b);
    const criteria = this.#criteria;
    this.#rules = Int32Array.from({ length: 2 * bounds.length + 1 }, (_, place) => {
      let rules = ALL;
      for (const { criterion, rule } of criteria) {
        // Places are in the order of the numbers there, so that they compare as these do.
        if (!criterion.holds(place, 2 * bounds.indexOf(criterion.bound) + 1)) rules &= ~rule;
      }
      return rules;
    });
    this.#bounds = Float64Array.from(bounds);
    this.#criteria = [];
  }

  holding(occasion: Occasion): number {
    const number = this.#attribute.numberOn(occasion, this.#warnings);
    if (number === undefined) return ~this.#asking;
    const bounds = this.#bounds;
    // They are few: to go through them is quicker than to halve them.
    let below = 0;
    while (below < bounds.length && (bounds[below] as number) < number) below += 1;
    return this.#rules[bounds[below] === number ? 2 * below + 1 : 2 * below] as number;
  }
}
