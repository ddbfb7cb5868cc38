import { conditionProblem } from './conditions.js';
import type { ConditionRule, FlagDocument, SegmentDocument, Variation, VariationType } from './document.js';
import { WHOLE, weightsOf } from './shares.js';

/** What keeps a flag from being saved, one sentence each. The server has the last word; this is what can be said while typing. */
export function flagProblems(flag: FlagDocument): string[] {
  const covers = (serving: FlagDocument['fallthrough']) =>
    weightsOf(serving.variations).reduce((sum, weight) => sum + weight, 0) === WHOLE;
  return [
    ...(flag.name.trim() === '' ? ['The flag needs a name.'] : []),
    ...flag.variations.flatMap((variation, index) => {
      const problem = valueProblem(variation.value, flag.variationType);
      return problem === undefined ? [] : [`Variation ${variation.name || index + 1}: ${problem}`];
    }),
    ...ruleProblems(flag.rules),
    ...flag.rules.flatMap((rule, index) =>
      covers(rule) ? [] : [`Rule ${index + 1}: its shares do not add up to 100 %.`],
    ),
    ...(covers(flag.fallthrough) ? [] : ['The default: its shares do not add up to 100 %.']),
    ...twice(flag.variations),
  ];
}

export function segmentProblems(segment: SegmentDocument): string[] {
  return [...(segment.name.trim() === '' ? ['The segment needs a name.'] : []), ...ruleProblems(segment.rules)];
}

/** Why a text is no value of a type, or nothing. */
export function valueProblem(value: string, type: VariationType): string | undefined {
  switch (type) {
    case 'boolean':
      return /^(?:true|false)$/i.test(value) ? undefined : 'it must be true or false.';
    case 'number':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value.trim()) ? undefined : 'it must be a number.';
    case 'json':
      return jsonProblem(value);
    default:
      return undefined;
  }
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `it is not JSON: ${error instanceof Error ? error.message : error}`;
  }
}

function ruleProblems(rules: readonly ConditionRule[]): string[] {
  return rules.flatMap(({ conditions }, index) =>
    conditions.flatMap((condition) => {
      const problem = conditionProblem(condition);
      return problem === undefined ? [] : [`Rule ${index + 1}: ${problem}`];
    }),
  );
}

function twice(variations: readonly Variation[]): string[] {
  const seen = new Set<string>();
  return variations.flatMap(({ name = '' }) => {
    const isTwice = name !== '' && seen.has(name);
    seen.add(name);
    return isTwice ? [`Two variations are called ${name}.`] : [];
  });
}

/** Where a variation is used in its flag; a used one cannot be removed. */
export function usesOf(flag: FlagDocument, id: string): string[] {
  const serves = ({ variations }: FlagDocument['fallthrough']) => {
    const weights = weightsOf(variations);
    return variations.some((share, index) => share.id === id && (weights[index] ?? 0) > 0);
  };
  return [
    ...(flag.disabledVariationId === id ? ['when off'] : []),
    ...(serves(flag.fallthrough) ? ['the default'] : []),
    ...flag.rules.flatMap((rule, index) => (serves(rule) ? [`rule ${index + 1}`] : [])),
    ...(flag.targetUsers.some(({ variationId, keyIds }) => variationId === id && keyIds.length > 0) ? ['users'] : []),
  ];
}

/** The flag without a variation, and without the empty shares that it may have left. */
export function withoutVariation(flag: FlagDocument, id: string): FlagDocument {
  const cleaned = <S extends FlagDocument['fallthrough']>(serving: S): S => ({
    ...serving,
    variations: serving.variations.filter((share) => share.id !== id),
  });
  return {
    ...flag,
    variations: flag.variations.filter((variation) => variation.id !== id),
    rules: flag.rules.map(cleaned),
    fallthrough: cleaned(flag.fallthrough),
    targetUsers: flag.targetUsers.filter(({ variationId }) => variationId !== id),
  };
}
