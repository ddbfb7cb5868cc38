import type {
  ConditionDocument,
  FlagDocument,
  RolloutDocument,
  RuleDocument,
  SegmentDocument,
} from '../../src/protocol/documents.js';

/** A version as the wire has it: so many milliseconds after the first of January 2026. */
export function updatedAt(version: number): string {
  return new Date(versionOf(version)).toISOString();
}

/** What {@link updatedAt} decodes to. */
export function versionOf(version: number): number {
  return Date.UTC(2026, 0, 1) + version;
}

/** A rollout that gives everybody one variation. */
export function everybody(id: string): RolloutDocument {
  return { includedInExpt: false, variations: [{ id, rollout: [0, 1], exptRollout: 1 }] };
}

/** A flag that serves one value to everybody, unless told otherwise. */
export function wireFlag(key: string, value = 'on', overrides: Partial<FlagDocument> = {}): FlagDocument {
  return {
    key,
    updatedAt: updatedAt(1),
    isArchived: false,
    isEnabled: true,
    variationType: 'string',
    variations: [
      { id: 'v-on', value },
      { id: 'v-off', value: 'off' },
    ],
    targetUsers: [],
    rules: [],
    fallthrough: everybody('v-on'),
    disabledVariationId: 'v-off',
    exptIncludeAllTargets: false,
    ...overrides,
  };
}

/** A rule that gives one variation to those for whom the conditions hold. */
export function wireRule(conditions: readonly ConditionDocument[], id = 'v-on'): RuleDocument {
  return { ...everybody(id), conditions };
}

/** A flag that is `on` for users in a segment and `off` for all others. */
export function segmentFlag(
  key: string,
  segmentIds: readonly string[],
  overrides: Partial<FlagDocument> = {},
): FlagDocument {
  return wireFlag(key, 'on', {
    rules: [wireRule([{ property: 'User is in segment', op: null, value: JSON.stringify(segmentIds) }])],
    fallthrough: everybody('v-off'),
    ...overrides,
  });
}

export function wireSegment(
  id: string,
  included: readonly string[] = [],
  overrides: Partial<SegmentDocument> = {},
): SegmentDocument {
  return { id, updatedAt: updatedAt(1), isArchived: false, included, excluded: [], rules: [], ...overrides };
}

/** A data-sync message that brings everything. */
export function full(featureFlags: readonly unknown[] = [], segments: readonly unknown[] = []) {
  return { messageType: 'data-sync', data: { eventType: 'full', featureFlags, segments } };
}

/** A data-sync message that brings changes. */
export function patch(featureFlags: readonly unknown[] = [], segments: readonly unknown[] = []) {
  return { messageType: 'data-sync', data: { eventType: 'patch', featureFlags, segments } };
}

/** A message as a text that is so long that it is read step by step. */
export function longText(message: unknown): string {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return text + ' '.repeat(256 * 1024);
}
