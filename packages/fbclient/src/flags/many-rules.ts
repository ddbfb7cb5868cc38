import { allHold } from './conditions.js';
import type { Failure } from './failure.js';
import type { RuleSource } from './look-up.js';
import type { Occasion } from './occasion.js';
import { END } from './positions.js';
import { type Conditional, NO_RULE, type RuleOrder } from './rule-order.js';
import { ruleSources } from './rule-sources.js';

/**
 * Many rules, found by what they ask: of each rule one condition is looked up, and the rule is tried when that holds. Evaluation costs
 * as much as the attributes that are looked up and the rules that are found, not as much as the rules that there are.
 *
 * A rule is found by a condition before which none can fail, so that damage counts where it did; and what a look at an attribute would
 * report or throw finds all rules, so that it is reported or thrown by the condition that asks for it, or not at all.
 */
export class ManyRules implements RuleOrder {
  readonly #rules: readonly Conditional[];
  /** Each rule is in one of them. */
  readonly #sources: readonly RuleSource[];
  /** The first rule of each. */
  readonly #firsts: readonly number[];

  constructor(rules: readonly Conditional[]) {
    this.#rules = rules;
    this.#sources = ruleSources(rules);
    this.#firsts = this.#sources.map(({ first }) => first);
  }

  first(occasion: Occasion): number | Failure {
    const sources = this.#sources;
    /** From where on each source is still to be asked: only when no other can have an earlier rule. */
    const from = this.#firsts.slice();
    for (;;) {
      let next = 0;
      let until = END;
      for (let i = 1; i < from.length; i++) {
        const least = from[next] as number;
        const other = from[i] as number;
        until = Math.min(until, Math.max(least, other));
        if (other < least) next = i;
      }
      const least = from[next] ?? END;
      if (least === END) return NO_RULE;
      const source = sources[next] as RuleSource;
      let position = source.nextFrom(occasion, least);
      // No other source has the rule at `until`, if this one has.
      while (position <= until && position < END) {
        const verdict = allHold((this.#rules[position] as Conditional).conditions, occasion);
        if (verdict === true) return position;
        if (verdict !== false) return verdict;
        position = source.nextFrom(occasion, position + 1);
      }
      from[next] = position;
    }
  }
}
