import { asksForSegments, valuesOf } from './conditions.js';
import { type FlagDocument, labelOf, shortened, type VariationType } from './document.js';
import { onlyVariation } from './shares.js';
import { timeOf } from './time.js';
import { servingText } from './words.js';

/** What the list of flags knows of a flag. */
export interface FlagSummary {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly variationType: VariationType;
  readonly isEnabled: boolean;
  readonly isArchived: boolean;
  /** For If-Match; also the time of the last change in milliseconds. */
  readonly version: number;
  readonly updatedBy?: string;
  /** What users get who meet no rule while the flag is on, and everybody while it is off. */
  readonly serving: string;
  readonly off: string;
  readonly rules: number;
  readonly targets: number;
  /** Ids of the segments that its rules ask about. */
  readonly segments: readonly string[];
  /** Attributes that its rules ask about. */
  readonly attributes: readonly string[];
  /** Attributes and values of its rules, for the search. */
  readonly words: readonly string[];
  /** It gives one value to everybody, whether on or off. */
  readonly servesOne: boolean;
}

const MOST_WORDS = 40;
const LONGEST_WORD = 60;

export function summaryOf(flag: FlagDocument): FlagSummary {
  const conditions = flag.rules.flatMap((rule) => rule.conditions);
  const words = [...new Set(conditions.flatMap((condition) => [condition.property, ...valuesOf(condition)]))];
  const asking = conditions.filter(asksForSegments);
  const targets = flag.targetUsers.reduce((sum, { keyIds }) => sum + keyIds.length, 0);
  const onlyDefault =
    flag.rules.length === 0 && targets === 0 && onlyVariation(flag.fallthrough.variations) !== undefined;
  return {
    key: flag.key,
    name: flag.name,
    ...(flag.description ? { description: flag.description } : {}),
    tags: flag.tags,
    variationType: flag.variationType,
    isEnabled: flag.isEnabled,
    isArchived: flag.isArchived,
    version: timeOf(flag.updatedAt) ?? 0,
    ...(flag.updatorId ? { updatedBy: flag.updatorId } : {}),
    serving: servingText(flag.fallthrough, flag),
    off: labelOf(flag, flag.disabledVariationId),
    rules: flag.rules.length,
    targets,
    segments: [...new Set(asking.flatMap(valuesOf))],
    attributes: [
      ...new Set(conditions.flatMap((condition) => (asksForSegments(condition) ? [] : [condition.property]))),
    ],
    words: words.slice(0, MOST_WORDS).map((word) => shortened(word, LONGEST_WORD)),
    servesOne: !flag.isEnabled || onlyDefault,
  };
}
