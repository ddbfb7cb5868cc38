import { guidOf } from '../../reference/guid.js';
import type { Flag, Segment } from '../../reference/wire.js';

const ENVIRONMENT_ID = '226b9bf8-4af3-4ffa-9b01-162270e4cd40';

/** A flag as PostgreSQL holds it before it is stamped: no `createdAt`. */
export type FlagDocument = Omit<Flag, 'createdAt' | 'updatedAt'>;
/** A segment before it is stamped. */
export type SegmentDocument = Omit<Segment, 'updatedAt'>;

/** A flag that serves one string to everybody. */
export function servingFlag(key: string, value: string, overrides: Partial<FlagDocument> = {}): FlagDocument {
  const id = guidOf(`${key}/on`);
  const off = guidOf(`${key}/off`);
  return {
    id: guidOf(key),
    envId: ENVIRONMENT_ID,
    key,
    name: key,
    variationType: 'string',
    variations: [
      { id, name: 'on', value },
      { id: off, name: 'off', value: 'off' },
    ],
    targetUsers: [],
    rules: [],
    isEnabled: true,
    disabledVariationId: off,
    fallthrough: { dispatchKey: null, includedInExpt: false, variations: [{ id, rollout: [0, 1], exptRollout: 1 }] },
    exptIncludeAllTargets: false,
    tags: [],
    isArchived: false,
    ...overrides,
  };
}

/** A flag that serves `in` to the users of a segment and `out` to all others. */
export function segmentFlag(key: string, segmentId: string): FlagDocument {
  const inside = guidOf(`${key}/in`);
  const outside = guidOf(`${key}/out`);
  const everybody = (id: string) => [{ id, rollout: [0, 1] as [number, number], exptRollout: 1 }];
  return servingFlag(key, '', {
    variations: [
      { id: inside, name: 'in', value: 'in' },
      { id: outside, name: 'out', value: 'out' },
    ],
    rules: [
      {
        id: guidOf(`${key}/rule`),
        name: 'in the segment',
        dispatchKey: null,
        includedInExpt: false,
        conditions: [{ property: 'User is in segment', op: null, value: JSON.stringify([segmentId]) }],
        variations: everybody(inside),
      },
    ],
    disabledVariationId: outside,
    fallthrough: { dispatchKey: null, includedInExpt: false, variations: everybody(outside) },
  });
}

/** A segment of the users with these keys; its id is made of its name. */
export function segmentOf(name: string, included: string[], overrides: Partial<SegmentDocument> = {}): SegmentDocument {
  return {
    id: guidOf(name),
    envId: ENVIRONMENT_ID,
    name,
    included,
    excluded: [],
    rules: [],
    isArchived: false,
    ...overrides,
  };
}
