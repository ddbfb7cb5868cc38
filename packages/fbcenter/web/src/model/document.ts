/** The documents of the management API, as far as the page reads them. Fields that it does not know it sends back as they came. */

export type VariationType = 'boolean' | 'string' | 'number' | 'json';

export interface Variation {
  readonly id: string;
  readonly name?: string;
  /** Always a text, whatever the flag's type. */
  readonly value: string;
}

/** A variation's part of a rollout: the users whose bucket lies in the interval. */
export interface Share {
  readonly id: string;
  readonly rollout: readonly [low: number, high: number];
  readonly exptRollout?: number;
}

/** Who gets which variation: what rules and the default have in common. */
export interface Serving {
  /** The attribute that users are divided by; `null` is the user's key. */
  readonly dispatchKey?: string | null;
  readonly includedInExpt?: boolean;
  readonly variations: readonly Share[];
}

export interface Condition {
  readonly property: string;
  readonly op: string | null;
  readonly value: string;
}

/** What rules of flags and of segments have in common. */
export interface ConditionRule {
  readonly id: string;
  readonly name?: string;
  readonly conditions: readonly Condition[];
}

export interface Rule extends ConditionRule, Serving {}

interface Target {
  readonly variationId: string;
  readonly keyIds: readonly string[];
}

export interface FlagDocument {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly variationType: VariationType;
  readonly variations: readonly Variation[];
  readonly targetUsers: readonly Target[];
  readonly rules: readonly Rule[];
  readonly fallthrough: Serving;
  readonly isEnabled: boolean;
  readonly disabledVariationId: string;
  readonly isArchived: boolean;
  /** ISO 8601. */
  readonly updatedAt?: string;
  readonly updatorId?: string;
}

export interface SegmentDocument {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly rules: readonly ConditionRule[];
  readonly isArchived: boolean;
  readonly updatedAt?: string;
  readonly updatorId?: string;
}

/** The name by which people know a variation: its own, or its value, or for JSON its id. */
export function variationLabel(variation: Variation, type: VariationType): string {
  const name = variation.name?.trim();
  if (name) return name;
  if (type === 'json') return variation.id;
  return variation.value === '' ? 'empty text' : shortened(variation.value, 40);
}

/** The label of a variation that is known by its id alone. */
export function labelOf(flag: Pick<FlagDocument, 'variations' | 'variationType'>, id: string): string {
  const variation = flag.variations.find((candidate) => candidate.id === id);
  return variation === undefined ? `unknown variation ${id}` : variationLabel(variation, flag.variationType);
}

export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
