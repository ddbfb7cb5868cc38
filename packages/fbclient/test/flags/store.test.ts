import { describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/core.js';
import { Occasion } from '../../src/flags/occasion.js';
import { FlagStore } from '../../src/flags/store.js';
import type { FlagDocument, SegmentDocument } from '../../src/protocol/documents.js';
import { segmentFlag, updatedAt, versionOf, wireFlag, wireSegment } from '../support/wire.js';

function commit(
  store: FlagStore,
  eventType: 'full' | 'patch',
  featureFlags: readonly unknown[],
  segments: readonly unknown[] = [],
): string[] {
  return [...store.commit(compileDataSyncNow({ eventType, featureFlags, segments }, 'no-match').changes)];
}

/** What the store says of a flag: its version after New Year, or that there is none. */
function held(store: FlagStore, key: string): number | undefined {
  const flag = store.flag(key);
  return flag === undefined ? undefined : flag.version - versionOf(0);
}

const at = (version: number, more: Partial<FlagDocument> = {}): Partial<FlagDocument> => ({
  updatedAt: updatedAt(version),
  ...more,
});
const segmentAt = (version: number, more: Partial<SegmentDocument> = {}): Partial<SegmentDocument> => ({
  updatedAt: updatedAt(version),
  ...more,
});

describe('a patch, for each entity', () => {
  const cases: readonly (readonly [
    string,
    Partial<FlagDocument> | undefined,
    Partial<FlagDocument>,
    number | undefined,
  ])[] = [
    ['one that is not held is taken in', undefined, at(5), 5],
    ['a newer one replaces', at(5), at(6), 6],
    ['an equal one is ignored', at(5), at(5, { isArchived: true }), 5],
    ['an older one is ignored', at(5), at(4, { isArchived: true }), 5],
    ['a newer archived one hides', at(5), at(6, { isArchived: true }), undefined],
    ['an archived one that is not held stays hidden', undefined, at(5, { isArchived: true }), undefined],
    ['an older active one does not bring an archived one back', at(5, { isArchived: true }), at(4), undefined],
    ['an equal active one does not bring an archived one back', at(5, { isArchived: true }), at(5), undefined],
    ['a newer active one restores an archived one', at(5, { isArchived: true }), at(6), 6],
  ];

  it.each(cases)('flags: %s', (_name, before, after, expected) => {
    const store = new FlagStore();
    if (before !== undefined) commit(store, 'full', [wireFlag('a', 'on', before)]);
    commit(store, 'patch', [wireFlag('a', 'on', after)]);
    expect(held(store, 'a')).toBe(expected);
  });

  it.each(cases)('segments: %s', (_name, before, after, expected) => {
    const store = new FlagStore();
    const segment = (more: Partial<FlagDocument>) => wireSegment('s', [], more as Partial<SegmentDocument>);
    if (before !== undefined) commit(store, 'full', [], [segment(before)]);
    commit(store, 'patch', [], [segment(after)]);
    const version = store.segment('s')?.version;
    expect(version === undefined ? undefined : version - versionOf(0)).toBe(expected);
  });

  it('compares versions of the entity, not of the store', () => {
    const store = new FlagStore();
    commit(
      store,
      'full',
      [wireFlag('a', 'on', at(100)), wireFlag('b', 'on', at(1))],
      [wireSegment('s', [], segmentAt(50))],
    );
    commit(
      store,
      'patch',
      [wireFlag('a', 'on', at(99)), wireFlag('b', 'on', at(2))],
      [wireSegment('s', [], segmentAt(51))],
    );
    expect([held(store, 'a'), held(store, 'b')]).toEqual([100, 2]);
    expect(store.segment('s')?.version).toBe(versionOf(51));
  });

  it('keeps what it does not mention', () => {
    const store = new FlagStore();
    commit(store, 'full', [wireFlag('a'), wireFlag('b')], [wireSegment('s')]);
    commit(store, 'patch', []);
    expect(store.counts()).toEqual({ flags: 2, segments: 1 });
  });

  it('takes the newest of duplicates, in whatever order they come', () => {
    for (const versions of [
      [2, 3],
      [3, 2],
    ]) {
      const store = new FlagStore();
      commit(
        store,
        'patch',
        versions.map((version) => wireFlag('a', `on-${version}`, at(version))),
      );
      expect(held(store, 'a')).toBe(3);
    }
  });
});

describe('a full', () => {
  it('replaces everything, whatever the versions, traces of archived entities included', () => {
    const store = new FlagStore();
    commit(store, 'full', [
      wireFlag('a', 'on', at(9)),
      wireFlag('gone'),
      wireFlag('old', 'on', at(9, { isArchived: true })),
    ]);
    commit(store, 'full', [wireFlag('a', 'on', at(2))], [wireSegment('s')]);
    expect([held(store, 'a'), held(store, 'gone')]).toEqual([2, undefined]);
    expect(store.cursor).toBe(versionOf(2));
    commit(store, 'patch', [wireFlag('old', 'on', at(1))]);
    expect(held(store, 'old')).toBe(1);
  });

  it('of nothing empties the store', () => {
    const store = new FlagStore();
    commit(store, 'full', [wireFlag('a')], [wireSegment('s')]);
    commit(store, 'full', []);
    expect(store.counts()).toEqual({ flags: 0, segments: 0 });
    expect(store.cursor).toBe(0);
  });
});

describe('identities', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ' spaced ', 'Ünïcode', '0'])(
    'may be %j',
    (name) => {
      const store = new FlagStore();
      expect(store.flag(name)).toBeUndefined();
      expect(store.segment(name)).toBeUndefined();
      expect(commit(store, 'full', [wireFlag(name)], [wireSegment(name)])).toEqual([name]);
      expect(store.flag(name)?.key).toBe(name);
      expect(store.segment(name)).toBeDefined();
    },
  );

  it('are case-sensitive, and flags and segments have names of their own', () => {
    const store = new FlagStore();
    commit(store, 'full', [wireFlag('same', 'on', at(7))], [wireSegment('same', [], segmentAt(3))]);
    expect(store.flag('Same')).toBeUndefined();
    commit(store, 'patch', [], [wireSegment('same', [], segmentAt(5, { isArchived: true }))]);
    expect(held(store, 'same')).toBe(7);
    expect(store.segment('same')).toBeUndefined();
  });
});

describe('the cursor', () => {
  it.each<[string, readonly unknown[], readonly unknown[], number]>([
    ['is 0 for an empty store', [], [], 0],
    ['is the greatest version of flags', [wireFlag('a', 'on', at(3)), wireFlag('b', 'on', at(2))], [], versionOf(3)],
    [
      'is the greatest version of segments',
      [wireFlag('a', 'on', at(3))],
      [wireSegment('s', [], segmentAt(8))],
      versionOf(8),
    ],
    ['counts archived entities', [wireFlag('a', 'on', at(9, { isArchived: true }))], [], versionOf(9)],
    [
      'is not moved by what was skipped',
      [wireFlag('a', 'on', at(3)), { key: 'b', updatedAt: updatedAt(99) }],
      [],
      versionOf(3),
    ],
  ])('%s', (_name, flags, segments, cursor) => {
    const store = new FlagStore();
    commit(store, 'full', flags, segments);
    expect(store.cursor).toBe(cursor);
  });

  it('goes up with patches and never down', () => {
    const store = new FlagStore();
    commit(store, 'full', [wireFlag('a', 'on', at(5))]);
    commit(store, 'patch', [wireFlag('b', 'on', at(3))]);
    expect(store.cursor).toBe(versionOf(5));
    commit(store, 'patch', [], [wireSegment('s', [], segmentAt(6, { isArchived: true }))]);
    expect(store.cursor).toBe(versionOf(6));
  });
});

describe('the flags that a commit may have changed', () => {
  const start = (): FlagStore => {
    const store = new FlagStore();
    const flags = [
      wireFlag('a', 'on', at(5)),
      wireFlag('b', 'on', at(5)),
      wireFlag('hidden', 'on', at(5, { isArchived: true })),
      segmentFlag('staff-only', ['staff', 'board']),
    ];
    commit(store, 'full', flags, [wireSegment('staff', [], segmentAt(5)), wireSegment('unused', [], segmentAt(5))]);
    return store;
  };

  it.each<[string, readonly unknown[], readonly unknown[], readonly string[]]>([
    ['nothing', [], [], []],
    ['a newer flag', [wireFlag('a', 'on', at(6))], [], ['a']],
    ['a new flag', [wireFlag('c', 'on', at(1))], [], ['c']],
    ['an equal and an older flag', [wireFlag('a', 'on', at(5)), wireFlag('b', 'on', at(4))], [], []],
    ['an archived flag', [wireFlag('a', 'on', at(6, { isArchived: true }))], [], ['a']],
    ['a restored flag', [wireFlag('hidden', 'on', at(6))], [], ['hidden']],
    ['a flag that stays archived', [wireFlag('hidden', 'on', at(6, { isArchived: true }))], [], []],
    ['an archived flag that was never there', [wireFlag('c', 'on', at(6, { isArchived: true }))], [], []],
    ['a newer segment: the flags that use it', [], [wireSegment('staff', ['ada'], segmentAt(6))], ['staff-only']],
    ['a new segment that was asked for', [], [wireSegment('board', ['ada'], segmentAt(1))], ['staff-only']],
    ['an archived segment', [], [wireSegment('staff', [], segmentAt(6, { isArchived: true }))], ['staff-only']],
    [
      'an archived segment that was never there',
      [],
      [wireSegment('board', [], segmentAt(6, { isArchived: true }))],
      [],
    ],
    ['an older segment', [], [wireSegment('staff', ['ada'], segmentAt(4))], []],
    ['a segment that nobody uses', [], [wireSegment('unused', [], segmentAt(6))], []],
    [
      'a flag and its segment: once',
      [segmentFlag('staff-only', ['staff'], at(6))],
      [wireSegment('staff', ['ada'], segmentAt(6))],
      ['staff-only'],
    ],
    [
      'a flag that no longer uses the segment',
      [wireFlag('staff-only', 'on', at(6))],
      [wireSegment('staff', ['ada'], segmentAt(6))],
      ['staff-only'],
    ],
  ])('by a patch with %s', (_name, flags, segments, affected) => {
    expect(commit(start(), 'patch', flags, segments)).toEqual(affected);
    // Once more with flags that were evaluated and are compiled.
    const used = start();
    for (const flag of used.activeFlags()) flag.evaluate(new Occasion({ key: 'ada' }, used));
    expect(commit(used, 'patch', flags, segments)).toEqual(affected);
  });

  it('by a full: all that were active and all that are', () => {
    const affected = commit(start(), 'full', [
      wireFlag('b', 'on', at(5)),
      wireFlag('new'),
      wireFlag('x', 'on', at(1, { isArchived: true })),
    ]);
    expect(affected.toSorted()).toEqual(['a', 'b', 'new', 'staff-only']);
  });
});
