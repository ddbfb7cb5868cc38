import type { Condition, Environment, LogicalFlag, LogicalSegment } from '../environment/model.js';
import { type Random, seededRandom, uuid } from '../environment/random.js';

/** The `data-sync` envelope with every field that a FeatBit server sends, those that SDKs ignore included. */
export function featbitEnvelope(environment: Environment, eventType: 'full' | 'patch' = 'full'): string {
  const random = seededRandom(7);
  const envId = uuid(random);
  // A segment has the same id in every envelope: patches refer to it.
  const segmentIds = new Map(environment.segments.map(({ key }) => [key, uuid(seededRandom(hash(key)))]));
  return JSON.stringify({
    messageType: 'data-sync',
    data: {
      eventType,
      featureFlags: environment.flags.map((flag) => wireFlag(random, envId, flag, segmentIds)),
      segments: environment.segments.map((segment) => wireSegment(random, envId, segment, segmentIds)),
    },
  });
}

/** The time of the first version; a patch has to be newer. */
const CREATED_AT = '2024-05-01T08:30:00.000Z';
export const PATCHED_AT = '2024-05-02T08:30:00.000Z';

function wireFlag(random: Random, envId: string, flag: LogicalFlag, segmentIds: ReadonlyMap<string, string>): object {
  const values = flag.kind === 'switch' ? ['true', 'false'] : flag.values.map(({ value }) => value);
  const variations = values.map((value) => ({ id: uuid(random), name: value, value }));
  const [on, off] = variations;
  if (on === undefined || off === undefined) throw new Error('a flag needs two variations');
  const all = [{ id: on.id, rollout: [0, 1], exptRollout: 1 }];
  return {
    id: uuid(random),
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    creatorId: envId,
    updatorId: envId,
    isArchived: false,
    envId,
    revision: uuid(random),
    name: `The flag ${flag.key}`,
    description: 'Generated for the benchmark',
    key: flag.key,
    variationType: flag.kind === 'switch' ? 'boolean' : 'string',
    variations,
    targetUsers:
      flag.kind === 'switch' && flag.targets.length > 0 ? [{ keyIds: flag.targets, variationId: on.id }] : [],
    rules:
      flag.kind === 'variants'
        ? []
        : flag.rules.map((conditions, index) => ({
            id: uuid(random),
            name: `Rule ${index + 1}`,
            dispatchKey: null,
            includedInExpt: false,
            conditions: conditions.map((condition) => ({ id: uuid(random), ...wireCondition(condition, segmentIds) })),
            variations: all,
          })),
    isEnabled: flag.kind === 'variants' || flag.enabled,
    disabledVariationId: off.id,
    fallthrough: {
      dispatchKey: null,
      includedInExpt: false,
      variations:
        flag.kind === 'switch'
          ? shares([
              { id: on.id, percent: flag.share },
              { id: off.id, percent: 100 - flag.share },
            ])
          : shares(variations.map(({ id }, index) => ({ id, percent: flag.values[index]?.percent ?? 0 }))),
    },
    exptIncludeAllTargets: false,
    tags: ['benchmark'],
  };
}

function shares(parts: readonly { readonly id: string; readonly percent: number }[]): object[] {
  let low = 0;
  return parts
    .filter(({ percent }) => percent > 0)
    .map(({ id, percent }) => {
      const from = low;
      low += percent;
      return { id, rollout: [from / 100, low / 100], exptRollout: 1 };
    });
}

function wireCondition(condition: Condition, segmentIds: ReadonlyMap<string, string>): object {
  switch (condition.test) {
    case 'equals':
      return { property: condition.attribute, op: 'Equal', value: condition.value };
    case 'one-of':
      return { property: condition.attribute, op: 'IsOneOf', value: JSON.stringify(condition.values) };
    case 'ends-with':
      return { property: condition.attribute, op: 'EndsWith', value: condition.value };
    case 'at-least':
      return { property: condition.attribute, op: 'BiggerEqualThan', value: String(condition.value) };
    case 'matches':
      return { property: condition.attribute, op: 'MatchRegex', value: condition.pattern };
    case 'in-segment':
      return {
        property: 'User is in segment',
        op: null,
        value: JSON.stringify([segmentIds.get(condition.segment)]),
      };
  }
}

function wireSegment(
  random: Random,
  envId: string,
  segment: LogicalSegment,
  segmentIds: ReadonlyMap<string, string>,
): object {
  return {
    id: segmentIds.get(segment.key),
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    workspaceId: envId,
    envId,
    name: segment.key,
    key: segment.key,
    type: 'environment-specific',
    scopes: [],
    description: 'Generated for the benchmark',
    included: segment.included,
    excluded: [],
    rules: [{ id: uuid(random), name: 'Nobody', conditions: [{ property: 'country', op: 'Equal', value: 'AQ' }] }],
    isArchived: false,
  };
}

function hash(text: string): number {
  let mixed = 2_166_136_261;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 16_777_619);
  return mixed;
}
