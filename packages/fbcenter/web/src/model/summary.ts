import type { FlagSummary as SummaryOnTheWire, VariationSummary } from '../../../src/api/flag-summary.js';
import type { FlagDocument, VariationType } from './document.js';
import { variationLabel } from './document.js';
import { percent, WHOLE } from './shares.js';

/** What the list of flags knows of a flag. */
export interface FlagSummary extends SummaryOnTheWire {
  readonly variationType: VariationType;
}

/** What users get who meet no rule: "on", or "30 % on, 70 % off". */
export function servingOf(flag: FlagSummary): string {
  const [only, ...others] = flag.serving;
  if (only !== undefined && others.length === 0) return nameOf(flag, only[0]);
  return flag.serving.map(([id, share]) => `${percent(Math.round(share * WHOLE))} ${nameOf(flag, id)}`).join(', ');
}

/** What everybody gets while it is off. */
export function offOf(flag: FlagSummary): string {
  return nameOf(flag, flag.disabledVariationId);
}

/** It gives one value to everybody, whether on or off. */
export function servesOne({ isEnabled, rules, targets, serving }: FlagSummary): boolean {
  return !isEnabled || (rules === 0 && targets === 0 && serving.length === 1);
}

/** The summary after a change whose answer is known; what only the server can summarize comes with the next load. */
export function withDocument(
  summary: FlagSummary,
  { isEnabled, isArchived, name, tags, updatorId }: FlagDocument,
  version: number,
): FlagSummary {
  return { ...summary, isEnabled, isArchived, name, tags, version, ...(updatorId ? { updatedBy: updatorId } : {}) };
}

function nameOf({ variations, variationType }: FlagSummary, id: string): string {
  const variation: VariationSummary | undefined = variations.find((candidate) => candidate.id === id);
  return variation === undefined ? id : variationLabel({ ...variation, value: variation.value ?? '' }, variationType);
}
