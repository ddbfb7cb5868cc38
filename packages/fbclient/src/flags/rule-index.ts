import { FewRules, MAX_FEW_RULES } from './few-rules.js';
import { ManyRules } from './many-rules.js';
import { type Conditional, type RuleOrder, RulesInTurn } from './rule-order.js';

/** Fewer conditions are tried as quickly as they are looked up. */
const LEAST_CONDITIONS = 5;

/** Rules in their order, with an index where that pays. It is made at once: rules that nobody is evaluated by need none. */
export function ruleOrderOf(rules: readonly Conditional[]): RuleOrder {
  let conditions = 0;
  for (const rule of rules) conditions += rule.conditions.length;
  if (rules.length < 2 || conditions < LEAST_CONDITIONS || !rules.some(isFound)) return new RulesInTurn(rules);
  return rules.length <= MAX_FEW_RULES ? new FewRules(rules) : new ManyRules(rules);
}

/** Whether a rule may be found by what it asks: by a condition before which none can fail. */
function isFound({ conditions }: Conditional): boolean {
  for (const condition of conditions) {
    const criterion = condition.criterion();
    if (criterion.kind !== 'tried') return true;
    if (!criterion.isSafe) return false;
  }
  return false;
}
