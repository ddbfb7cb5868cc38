import { asksForSegments, NOT_IN_SEGMENT, operatorOf, valuesOf } from './conditions.js';
import { type Condition, type FlagDocument, labelOf, type Serving, shortened } from './document.js';
import { figure } from './figure.js';
import { onlyVariation, percent, weightsOf } from './shares.js';

type Variations = Pick<FlagDocument, 'variations' | 'variationType'>;

/** "on", or "30 % on, 70 % off". */
export function servingText(serving: Serving, flag: Variations): string {
  const only = onlyVariation(serving.variations);
  if (only !== undefined) return labelOf(flag, only);
  const weights = weightsOf(serving.variations);
  return serving.variations
    .flatMap(({ id }, index) =>
      (weights[index] ?? 0) > 0 ? [`${percent(weights[index] ?? 0)} ${labelOf(flag, id)}`] : [],
    )
    .join(', ');
}

/** "country is one of NZ, AU". */
export function conditionText(condition: Condition): string {
  const values = valuesOf(condition);
  const listed = values.slice(0, 5).map((value) => (value === '' ? 'the empty text' : shortened(value, 40)));
  const more = values.length > 5 ? ` and ${values.length - 5} more` : '';
  if (asksForSegments(condition)) {
    const verb = condition.property === NOT_IN_SEGMENT ? 'is not in' : 'is in';
    return `user ${verb} ${values.length > 1 ? 'one of the segments' : 'segment'} ${listed.join(', ')}${more}`;
  }
  return [condition.property, operatorOf(condition).words, `${listed.join(', ')}${more}`].join(' ').trim();
}

export function conditionsText(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? 'always' : `if ${conditions.map(conditionText).join(' and ')}`;
}

/** Who gets what of a flag that is switched on. */
export function enabledText(flag: Pick<FlagDocument, 'targetUsers' | 'rules' | 'fallthrough'> & Variations): string {
  const users = flag.targetUsers.reduce((sum, { keyIds }) => sum + keyIds.length, 0);
  const first = [
    ...(users > 0 ? [`${count(users, 'user')} by name`] : []),
    ...(flag.rules.length > 0 ? [count(flag.rules.length, 'rule')] : []),
  ].join(' and ');
  const serving = servingText(flag.fallthrough, flag);
  const only = onlyVariation(flag.fallthrough.variations) !== undefined;
  if (first === '') return only ? `everybody gets ${serving}` : `users get ${serving}`;
  return `${first} ${users + flag.rules.length === 1 ? 'comes' : 'come'} first, ${only ? 'everybody else gets' : 'the others get'} ${serving}`;
}

/** What pressing the switch does, before and after, each a sentence's end. */
export function switchEffect(flag: FlagDocument): { readonly before: string; readonly after: string } {
  const disabled = `everybody gets ${labelOf(flag, flag.disabledVariationId)}`;
  const enabled = enabledText(flag);
  return flag.isEnabled ? { before: enabled, after: disabled } : { before: disabled, after: enabled };
}

/** `1 rule`, `3 rules`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${figure(number)} ${number === 1 ? noun : plural}`;
}
