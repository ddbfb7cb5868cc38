import { allHold, type Condition } from './conditions.js';
import type { Failure } from './failure.js';
import type { Occasion } from './occasion.js';

/** A rule of a flag or of a segment, as far as it decides. */
export interface Conditional {
  /** They must all hold. */
  readonly conditions: readonly Condition[];
}

/** No rule holds. */
export const NO_RULE = -1;

/** Rules in their order: which of them decides for a user. */
export interface RuleOrder {
  /**
   * The position of the first rule whose conditions all hold, or {@link NO_RULE}; a failure when a condition that is reached
   * before is so damaged that the flag fails.
   */
  first(occasion: Occasion): number | Failure;
}

/** Tries each rule. Whatever else finds the rule that decides stands for this. */
export class RulesInTurn implements RuleOrder {
  readonly #rules: readonly Conditional[];

  constructor(rules: readonly Conditional[]) {
    this.#rules = rules;
  }

  first(occasion: Occasion): number | Failure {
    return firstInTurn(this.#rules, occasion);
  }
}

/** As {@link RuleOrder.first}, of rules of which each is tried. */
export function firstInTurn(rules: readonly Conditional[], occasion: Occasion): number | Failure {
  for (let position = 0; position < rules.length; position++) {
    const verdict = allHold((rules[position] as Conditional).conditions, occasion);
    if (verdict === true) return position;
    if (verdict !== false) return verdict;
  }
  return NO_RULE;
}
