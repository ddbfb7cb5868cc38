import type { Flag, Serving } from 'fbclient/core';
import type { FlagFacts } from '../live/flag-facts.js';

/** What callers are told of the rule that decided: its name, which is free text of whoever manages flags, or only that it was one. */
export type RuleNames = 'names' | 'neutral';

/** What stands for the name of a rule. */
const NEUTRAL = 'rule match';

/** Why a variation was served, in FeatBit's words: for a rule its name, null where that is null. */
export function matchReasonOf(flag: Flag, serving: Serving, facts: FlagFacts, rules: RuleNames): string | null {
  switch (serving.reason) {
    case 'Off':
      return 'flag disabled';
    case 'TargetMatch':
      return 'targeted';
    case 'Fallthrough':
      return 'default';
    case 'RuleMatch':
      return rules === 'neutral' ? NEUTRAL : (facts.ruleNames[ruleOf(flag, serving)] ?? null);
  }
}

/** Which rule a serving belongs to: each rule has its own. */
function ruleOf(flag: Flag, serving: Serving): number {
  return flag
    .targeting()
    .rules.findIndex(
      ({ serves }) =>
        serves === serving || ('slices' in serves && serves.slices.some((slice) => slice.serves === serving)),
    );
}
