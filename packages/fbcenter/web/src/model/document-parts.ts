import {
  type ConditionRule,
  type FlagDocument,
  labelOf,
  type Rule,
  type SegmentDocument,
  shortened,
  type Variation,
} from './document.js';
import { fieldPart, itemPart, orderPart, setPart } from './part-kinds.js';
import type { Part, PartsOf } from './parts.js';
import { conditionsText, servingText } from './words.js';

/** The parts of a flag, in the order in which its page shows them. */
export const flagParts: PartsOf<FlagDocument> = (...states) => {
  const rules = (flag: FlagDocument) => flag.rules;
  const withRules = (flag: FlagDocument, items: readonly Rule[]) => ({ ...flag, rules: items });
  const variations = (flag: FlagDocument) => flag.variations;
  const withVariations = (flag: FlagDocument, items: readonly Variation[]) => ({ ...flag, variations: items });
  return [
    fieldPart<FlagDocument, 'isEnabled'>('isEnabled', 'switch', (value) => (value ? 'on' : 'off')),
    fieldPart<FlagDocument, 'isArchived'>('isArchived', 'archived', (value) => (value ? 'yes' : 'no')),
    fieldPart<FlagDocument, 'name'>('name', 'name', (value) => value),
    fieldPart<FlagDocument, 'description'>('description', 'description', (value) => value || undefined),
    setPart<FlagDocument>(
      'tags',
      'tags',
      'tag',
      ({ tags }) => tags,
      (flag, tags) => ({ ...flag, tags }),
    ),
    ...ids(states, variations).map((id) =>
      itemPart(
        `variation ${id}`,
        id,
        `variation ${nameIn(states, (flag) => labelIn(flag, id))}`,
        variations,
        withVariations,
        variationText,
      ),
    ),
    orderPart('variation order', 'order of variations', variations, withVariations, ({ id }, flag) =>
      labelOf(flag, id),
    ),
    ...targetIds(states).map((id) =>
      targetPart(id, `users who always get ${nameIn(states, (flag) => labelIn(flag, id))}`),
    ),
    ...ids(states, rules).map((id) =>
      itemPart(`rule ${id}`, id, ruleLabel(states, rules, id), rules, withRules, (rule, flag) => {
        const name = rule.name ? `“${rule.name}”: ` : '';
        return `${name}${conditionsText(rule.conditions)}, serve ${servingText(rule, flag)}${by(rule.dispatchKey)}`;
      }),
    ),
    orderPart('rule order', 'order of rules', rules, withRules, shortRule),
    fieldPart<FlagDocument, 'fallthrough'>(
      'fallthrough',
      'default',
      (value, flag) => servingText(value, flag) + by(value.dispatchKey),
    ),
    fieldPart<FlagDocument, 'disabledVariationId'>('disabledVariationId', 'when off', (id, flag) => labelOf(flag, id)),
  ];
};

/** The parts of a segment. */
export const segmentParts: PartsOf<SegmentDocument> = (...states) => {
  const rules = (segment: SegmentDocument) => segment.rules;
  const withRules = (segment: SegmentDocument, items: readonly ConditionRule[]) => ({ ...segment, rules: items });
  return [
    fieldPart<SegmentDocument, 'isArchived'>('isArchived', 'archived', (value) => (value ? 'yes' : 'no')),
    fieldPart<SegmentDocument, 'name'>('name', 'name', (value) => value),
    fieldPart<SegmentDocument, 'description'>('description', 'description', (value) => value || undefined),
    setPart<SegmentDocument>(
      'included',
      'always in',
      'user',
      ({ included }) => included,
      (segment, included) => ({ ...segment, included }),
    ),
    setPart<SegmentDocument>(
      'excluded',
      'never in',
      'user',
      ({ excluded }) => excluded,
      (segment, excluded) => ({ ...segment, excluded }),
    ),
    ...ids(states, rules).map((id) =>
      itemPart(`rule ${id}`, id, ruleLabel(states, rules, id), rules, withRules, ({ conditions }) =>
        conditionsText(conditions),
      ),
    ),
    orderPart('rule order', 'order of rules', rules, withRules, shortRule),
  ];
};

function targetPart(variationId: string, label: string): Part<FlagDocument> {
  return setPart<FlagDocument>(
    `targets ${variationId}`,
    label,
    'user',
    ({ targetUsers }) => targetUsers.find((target) => target.variationId === variationId)?.keyIds ?? [],
    (flag, keyIds) => withTargets(flag, variationId, keyIds),
  );
}

/** The flag with these users for a variation; a variation without users has no entry. */
export function withTargets(flag: FlagDocument, variationId: string, keyIds: readonly string[]): FlagDocument {
  const at = flag.targetUsers.findIndex((target) => target.variationId === variationId);
  const others = flag.targetUsers.filter((target) => target.variationId !== variationId);
  if (keyIds.length === 0) return { ...flag, targetUsers: others };
  if (at === -1) return { ...flag, targetUsers: [...others, { variationId, keyIds }] };
  return {
    ...flag,
    targetUsers: flag.targetUsers.map((target, index) => (index === at ? { ...target, keyIds } : target)),
  };
}

function ids<D, T extends { readonly id: string }>(states: readonly D[], read: (state: D) => readonly T[]): string[] {
  return [...new Set(states.flatMap((state) => read(state).map(({ id }) => id)))];
}

function targetIds(states: readonly FlagDocument[]): string[] {
  return [...new Set(states.flatMap((state) => state.targetUsers.map(({ variationId }) => variationId)))];
}

/** The name that the last of the states knows, which is the one that the reader looks at. */
function nameIn<D>(states: readonly D[], name: (state: D) => string | undefined): string {
  return states.map(name).findLast((found) => found !== undefined) ?? '';
}

function labelIn(flag: FlagDocument, id: string): string | undefined {
  return flag.variations.some((variation) => variation.id === id) ? labelOf(flag, id) : undefined;
}

function ruleLabel<D>(states: readonly D[], read: (state: D) => readonly ConditionRule[], id: string): string {
  return nameIn(states, (state) => {
    const index = read(state).findIndex((rule) => rule.id === id);
    if (index === -1) return undefined;
    return `rule ${index + 1}`;
  });
}

function shortRule(rule: ConditionRule): string {
  return rule.name || shortened(conditionsText(rule.conditions), 30);
}

function variationText({ name, value }: Variation): string {
  const said = shortened(value === '' ? '(empty text)' : value, 120);
  return name ? `${name}: ${said}` : said;
}

function by(dispatchKey: string | null | undefined): string {
  return dispatchKey ? `, divided by ${dispatchKey}` : '';
}
