import { describe, expect, it } from 'vitest';
import { bucketOf } from '../../src/flags/bucket.js';
import { dispatchBy } from '../../src/flags/dispatch.js';
import { Failure } from '../../src/flags/failure.js';
import { compileRollout, type Distribution } from '../../src/flags/rollout.js';
import { type FlagIdentity, Serving } from '../../src/flags/serving.js';
import { Variations } from '../../src/flags/variation.js';
import type { RolloutDocument, SliceDocument } from '../../src/protocol/documents.js';
import type { User } from '../../src/users/user.js';

const FLAG: FlagIdentity = { key: 'test-', type: 'string' };
const VARIATIONS = new Variations(['a', 'b', 'c'].map((id) => ({ id, value: id })));
// The bucket of the flag's key and this user's is 0.14653629204258323.
const USER: User = { key: 'value', team: 'red' };
const BUCKET = 0.14653629204258323;

type Interval = readonly [id: string, low: number, high: number, exptRollout?: number];

function rollout(
  intervals: readonly Interval[],
  more: Partial<RolloutDocument> = {},
  includeAll = false,
): Distribution {
  const variations = intervals.map(
    ([id, low, high, exptRollout = 1]): SliceDocument => ({ id, rollout: [low, high], exptRollout }),
  );
  return compileRollout(
    FLAG,
    { includedInExpt: true, variations, ...more },
    dispatchBy(more.dispatchKey),
    'RuleMatch',
    VARIATIONS,
    includeAll,
    undefined,
  );
}

function picked(of: Distribution, user: User = USER): string {
  const serving = of.pick(user);
  return serving instanceof Failure ? serving.text : serving.variation.id;
}

describe('a bucket', () => {
  it.each([
    ['test-value', 0.14653629204258323],
    ['qKPKh1S3FolC', 0.9105919692665339],
    ['3eacb184-2d79-49df-9ea7-edd4f10e4c6f', 0.08994403155520558],
  ])('of %s is %d', (text, bucket) => {
    expect(bucketOf(text)).toBe(bucket);
  });

  it('is in [0,1], and buckets of many users fill it evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let user = 0; user < 10_000; user++) {
      const bucket = bucketOf(`checkout${user}`);
      if (bucket < 0 || bucket > 1) expect.fail(`${bucket} is outside of [0,1]`);
      const tenth = Math.min(Math.floor(bucket * 10), 9);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});

const UNCOVERED = 'no interval of the rollout covers the user';

describe('a rollout', () => {
  it.each<[string, readonly Interval[], string]>([
    ['everybody', [['a', 0, 1]], 'a'],
    ['almost everybody: a rounding short of 1', [['a', 0, 0.999_991]], 'a'],
    [
      'the interval that holds the bucket',
      [
        ['a', 0, 0.1],
        ['b', 0.1, 1],
      ],
      'b',
    ],
    [
      'both ends belong to an interval: the upper',
      [
        ['a', 0, BUCKET],
        ['b', BUCKET, 1],
      ],
      'a',
    ],
    [
      'both ends belong to an interval: the lower',
      [
        ['a', BUCKET, 1],
        ['b', 0, BUCKET],
      ],
      'a',
    ],
    [
      'an interval of one point',
      [
        ['a', BUCKET, BUCKET],
        ['b', 0, 1],
      ],
      'a',
    ],
    [
      'the first that matches, in stored order',
      [
        ['c', 0, 0.5],
        ['a', 0, 0.5],
        ['b', 0, 1],
      ],
      'c',
    ],
    [
      'a share of nothing is nobody’s',
      [
        ['a', 0, 0],
        ['b', 0, 1],
      ],
      'b',
    ],
    ['an interval below zero', [['a', -1, 0.5]], 'a'],
    ['an interval beyond one', [['a', 0, 2]], 'a'],
    ['an interval the wrong way round', [['a', 1, 0]], UNCOVERED],
    ['no interval', [], UNCOVERED],
    ['only shares of nothing', [['a', 0, 0]], UNCOVERED],
    ['a gap below', [['a', 0.2, 1]], UNCOVERED],
    ['a gap above', [['a', 0, 0.1]], UNCOVERED],
    [
      'short of 1 by more than a rounding',
      [
        ['a', 0, 0.1],
        ['b', 0.2, 0.99],
      ],
      UNCOVERED,
    ],
    ['a variation that does not exist', [['x', 0, 1]], 'the matched rule rolls out a variation that does not exist'],
    [
      'a missing variation that is not reached',
      [
        ['a', 0, 0.5],
        ['x', 0.5, 1],
      ],
      'a',
    ],
  ])('serves %s', (_name, intervals, expected) => {
    expect(picked(rollout(intervals))).toBe(expected);
  });

  it.each([
    [0.999_991, 'a'],
    [0.999_989, UNCOVERED],
  ])('that ends at %d, a rounding short of 1 or more, has users beyond its end or not', (high, expected) => {
    // The bucket of this user is 0.9999998.
    expect(picked(rollout([['a', 0, high]]), { key: '2366' })).toBe(expected);
  });

  it.each<[string, string | null | undefined, string]>([
    ['no dispatch key', undefined, 'value'],
    ['a dispatch key of null', null, 'value'],
    ['a blank dispatch key', ' ', 'value'],
    ['the dispatch key keyId', 'keyId', 'value'],
    ['an attribute', 'team', 'red'],
    ['an attribute that is absent', 'absent', ''],
    ['the name, which is there even when it is not', 'name', ''],
    ['the attribute key, which does not exist', 'key', ''],
  ])('dispatches by the right text with %s', (_name, dispatchKey, text) => {
    const bucket = bucketOf(FLAG.key + text);
    const around = rollout([['a', bucket, bucket]], dispatchKey === undefined ? {} : { dispatchKey });
    expect(picked(around)).toBe('a');
  });
});

describe('an experiment', () => {
  const upperBucket = bucketOf(`expt${FLAG.key}${USER.key}`);

  function inExperiment(of: Distribution): boolean {
    const serving = of.pick(USER);
    return serving instanceof Serving && serving.sendToExperiment(USER);
  }

  it.each<[string, Distribution, boolean]>([
    ['all targets are included', rollout([['a', 0, 1, 0]], { includedInExpt: false }, true), true],
    ['the rule is not included', rollout([['a', 0, 1, 1]], { includedInExpt: false }), false],
    ['everybody served counts', rollout([['a', 0, 1, 1]]), true],
    ['nobody served counts', rollout([['a', 0, 1, 0]]), false],
    ['the interval has no width', rollout([['a', BUCKET, BUCKET, 1]]), false],
    ['the share is just below the bucket', rollout([['a', 0, 1, upperBucket - 1e-9]]), false],
    ['the share ends at the bucket', rollout([['a', 0, 1, upperBucket]]), true],
    ['the share is of the interval, not of all', rollout([['a', 0, 0.5, upperBucket / 2]]), true],
    ['the share is more than the interval', rollout([['a', 0, 0.5, 3]]), true],
  ])('counts the user or not when %s', (_name, of, expected) => {
    expect(inExperiment(of)).toBe(expected);
  });
});
