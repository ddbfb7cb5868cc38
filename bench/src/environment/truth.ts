import type { BenchUser, Condition, Environment, Switch, TextAttribute } from './model.js';

/**
 * What a switch is for a user, worked out in the plainest way there is: the judge of all SDKs.
 *
 * @returns `undefined` when the flag's share decides, which each SDK's own hash does.
 */
export function truth(flag: Switch, user: BenchUser, environment: Environment): boolean | undefined {
  if (!flag.enabled) return false;
  if (flag.targets.includes(user.key)) return true;
  if (flag.rules.some((rule) => rule.every((condition) => holds(condition, user, environment)))) return true;
  if (flag.share === 0) return false;
  return flag.share === 100 ? true : undefined;
}

function holds(condition: Condition, user: BenchUser, environment: Environment): boolean {
  switch (condition.test) {
    case 'equals':
      return textOf(user, condition.attribute) === condition.value;
    case 'one-of':
      return condition.values.includes(textOf(user, condition.attribute));
    case 'ends-with':
      return textOf(user, condition.attribute).endsWith(condition.value);
    case 'at-least':
      return user[condition.attribute] >= condition.value;
    case 'matches':
      return new RegExp(condition.pattern).test(textOf(user, condition.attribute));
    case 'in-segment': {
      const segment = environment.segments.find(({ key }) => key === condition.segment);
      if (segment === undefined) throw new Error(`there is no segment "${condition.segment}"`);
      return segment.included.includes(user.key);
    }
  }
}

function textOf(user: BenchUser, attribute: TextAttribute): string {
  return user[attribute] ?? '';
}
