import { IN_SEGMENT, NOT_IN_SEGMENT, operationOf, parseStringList } from 'fbclient/core';
import type { FlagSummary, VariationSummary } from '../api/flag-summary.js';
import { shortened } from '../model/shortened.js';

/** A stored flag, as far as its summary needs it: everything here was judged before it was stored. */
interface StoredFlag {
  readonly key: string;
  readonly name: string;
  readonly description?: unknown;
  readonly tags: readonly string[];
  readonly variationType: string;
  readonly variations: readonly { readonly id: string; readonly name?: unknown; readonly value: string }[];
  readonly targetUsers: readonly { readonly keyIds: readonly string[] }[];
  readonly rules: readonly { readonly conditions: readonly StoredCondition[] }[];
  readonly fallthrough: {
    readonly variations: readonly { readonly id: string; readonly rollout: readonly [number, number] }[];
  };
  readonly isEnabled: boolean;
  readonly isArchived: boolean;
  readonly disabledVariationId: string;
  readonly updatorId?: unknown;
}

interface StoredCondition {
  readonly property: string;
  readonly op: string | null;
  readonly value: string;
}

/** A summary is for lists: what makes it long is cut, the document has all of it. */
const MOST_VALUES = 40;
const LONGEST_TEXT = 60;

export function summarize(flag: StoredFlag, version: number): FlagSummary {
  const { key, name, description, tags, variationType, isEnabled, isArchived, disabledVariationId, updatorId } = flag;
  const conditions = flag.rules.flatMap((rule) => rule.conditions);
  const about = conditions.filter((condition) => !asksForSegments(condition));
  const serving = flag.fallthrough.variations
    .map(({ id, rollout: [low, high] }) => [id, Number((high - low).toFixed(6))] as const)
    .filter(([, share]) => share > 0);
  const shown = new Set([disabledVariationId, ...serving.map(([id]) => id)]);
  return {
    key,
    name,
    ...(isText(description) ? { description } : {}),
    tags,
    variationType,
    isEnabled,
    isArchived,
    version,
    ...(isText(updatorId) ? { updatedBy: updatorId } : {}),
    variations: flag.variations
      .filter(({ id }) => shown.has(id))
      .map((variation) => summarizeVariation(variation, variationType)),
    serving,
    disabledVariationId,
    rules: flag.rules.length,
    targets: flag.targetUsers.reduce((sum, { keyIds }) => sum + keyIds.length, 0),
    segments: unique(conditions.filter(asksForSegments).flatMap(({ value }) => parseStringList(value) ?? [])),
    attributes: unique(about.map(({ property }) => property)),
    values: unique(about.flatMap(valuesOf))
      .slice(0, MOST_VALUES)
      .map((text) => shortened(text, LONGEST_TEXT)),
  };
}

function summarizeVariation({ id, name, value }: StoredFlag['variations'][number], type: string): VariationSummary {
  return {
    id,
    ...(isText(name) ? { name } : {}),
    ...(type === 'json' ? {} : { value: shortened(value, LONGEST_TEXT) }),
  };
}

function asksForSegments({ property }: StoredCondition): boolean {
  return property === IN_SEGMENT || property === NOT_IN_SEGMENT;
}

function valuesOf({ op, value }: StoredCondition): readonly string[] {
  if (operationOf(op ?? '')?.operand === 'list') return parseStringList(value) ?? [];
  return value === '' ? [] : [value];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
