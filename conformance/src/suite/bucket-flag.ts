import type { BucketCase } from '../fixtures/types.js';
import { guidOf } from '../reference/guid.js';
import type { Flag, User } from '../reference/wire.js';

/** The next double above or below a positive one. */
function neighbour(value: number, step: 1n | -1n): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + step);
  return view.getFloat64(0);
}

/**
 * A flag that serves `hit` where the bucket is exactly the expected one, and `low` or `high` otherwise, so that a bucket
 * can be seen from outside to its last bit.
 */
export function exactBucketFlag({ id, given, then }: BucketCase): { flag: Flag; user: User } {
  const { bucket } = then;
  const share = (name: string, lo: number, hi: number): Flag['fallthrough']['variations'][number] => ({
    id: guidOf(name),
    rollout: [lo, hi],
    exptRollout: 1,
  });
  const flag: Flag = {
    id: guidOf(id),
    envId: '226b9bf8-4af3-4ffa-9b01-162270e4cd40',
    key: given.flagKey,
    name: id,
    variationType: 'string',
    variations: ['low', 'hit', 'high'].map((value) => ({ id: guidOf(value), value })),
    targetUsers: [],
    rules: [],
    isEnabled: true,
    disabledVariationId: guidOf('low'),
    fallthrough: {
      // An empty attribute cannot be a user's key; an absent dispatch attribute gives the same input.
      ...(given.attribute === '' ? { dispatchKey: 'absent' } : {}),
      includedInExpt: false,
      variations: [
        share('low', 0, neighbour(bucket, -1n)),
        share('hit', bucket, bucket),
        share('high', neighbour(bucket, 1n), 1),
      ],
    },
    exptIncludeAllTargets: false,
    tags: [],
    isArchived: false,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-15T08:30:00Z',
  };
  return { flag, user: { key: given.attribute === '' ? 'somebody' : given.attribute } };
}
