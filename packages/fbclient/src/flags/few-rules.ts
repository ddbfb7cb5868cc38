import { allHold, type Condition } from './conditions.js';
import type { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import { type Conditional, NO_RULE, type RuleOrder } from './rule-order.js';
import { type RuleTable, RuleTables } from './rule-tables.js';

/** The most rules: a bit for each in one number, without its sign. */
export const MAX_FEW_RULES = 31;

/** A rule, divided at the first condition that no table knows. */
interface DividedRule {
  /** The tables that know the conditions before, in the order in which these ask for them. */
  readonly tables: readonly RuleTable[];
  /** The bits of these tables. */
  readonly asked: number;
  /** The other conditions, which are tried. */
  readonly others: readonly Condition[];
}

/**
 * A set of few rules as the bits of a number. What all rules ask of an attribute is looked up once, when the first of them asks for it,
 * and leaves those that can still hold. An attribute is read only when it would be if each rule were tried, and damage is where
 * it was: only conditions that cannot fail are looked up, and none behind one that is tried.
 */
export class FewRules implements RuleOrder {
  readonly #rules: readonly DividedRule[];
  /** Those that could hold for somebody. */
  readonly #possible: number;

  constructor(rules: readonly Conditional[]) {
    const tables = new RuleTables();
    let possible = 0;
    this.#rules = rules.map(({ conditions }, position) => {
      const bit = 1 << position;
      const asked: RuleTable[] = [];
      let known = 0;
      let canHold = true;
      for (; known < conditions.length && canHold; known++) {
        const criterion = (conditions[known] as Condition).criterion();
        if (criterion.kind === 'nothing') {
          canHold = false;
        } else {
          const table = tables.take(criterion, bit);
          if (table === undefined) break;
          if (!asked.includes(table)) asked.push(table);
        }
      }
      if (canHold) possible |= bit;
      const bits = asked.reduce((all, table) => all | table.bit, 0);
      return { tables: asked, asked: bits, others: conditions.slice(known) };
    });
    this.#possible = possible;
    tables.complete();
  }

  first(occasion: Occasion): number | Failure {
    let left = this.#possible;
    /** The tables that were looked into. */
    let seen = 0;
    while (left !== 0) {
      const bit = left & -left;
      const position = 31 - Math.clz32(bit);
      const { tables, asked, others } = this.#rules[position] as DividedRule;
      for (let i = 0; (asked & ~seen) !== 0 && (left & bit) !== 0; i++) {
        const table = tables[i] as RuleTable;
        if ((seen & table.bit) !== 0) continue;
        seen |= table.bit;
        left &= table.holding(occasion);
      }
      if ((left & bit) === 0) continue;
      const verdict = others.length === 0 || allHold(others, occasion);
      if (verdict === true) return position;
      if (verdict !== false) return verdict;
      left ^= bit;
    }
    return NO_RULE;
  }
}
