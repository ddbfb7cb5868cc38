import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { ChangeFeed } from '../../src/live/change-feed.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import type { StoredDocument } from '../../src/model/document.js';
import { aFlag, aRule } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';

// Which flags may have other values with each commit: what those follow who are told values.

function flag(key: string, version: number, overrides: Record<string, unknown> = {}): StoredDocument {
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}
const asking = (key: string, version: number, ...ids: readonly string[]) =>
  flag(key, version, {
    rules: [aRule({ property: 'User is in segment', op: null, value: JSON.stringify(ids) }, 'off')],
  });
const segment = (key: string, version: number, included: readonly string[], overrides: object = {}) =>
  aDocument(key, version, { included, excluded: [], rules: [], ...overrides }, 'segment');

/** An environment that has been read. */
async function read(...documents: readonly StoredDocument[]): Promise<CompiledEnvironment> {
  const environment = new CompiledEnvironment('e', new FakeChangeLog(...documents));
  await environment.current();
  return environment;
}

describe('a commit', () => {
  const documents = [
    segment('s', 1, ['a']),
    segment('t', 2, ['a']),
    flag('plain', 3),
    asking('one', 4, 's'),
    asking('both', 5, 's', 't'),
  ];

  it.each<[string, StoredDocument, readonly string[]]>([
    ['of a flag concerns that flag', flag('plain', 10), ['plain']],
    ['of a new flag concerns that flag', flag('new', 10), ['new']],
    ['of another name of a flag concerns it too', flag('plain', 10, { name: 'x' }), ['plain']],
    ['of an archived flag concerns that flag', flag('one', 10, { isArchived: true }), ['one']],
    ['of a segment concerns the flags that use it', segment('s', 10, ['b']), ['one', 'both']],
    ['of another segment concerns others', segment('t', 10, ['b']), ['both']],
    ['of a segment that holds the same users concerns none', segment('s', 10, ['a'], { name: 'x', tags: ['y'] }), []],
    ['of a new segment concerns none', segment('new', 10, ['a']), []],
    ['of a flag that is older than what is known concerns none', flag('plain', 1), []],
    ['of a segment that is older than what is known concerns none', segment('t', 1, ['z']), []],
  ])('%s', async (_, commit, keys) => {
    const environment = await read(...documents);
    expect(environment.take(commit)).toEqual({ version: commit.version, keys });
  });

  it('is nothing to whoever has not asked yet', () => {
    const environment = new CompiledEnvironment('e', new FakeChangeLog());
    expect(environment.take(flag('a', 1))).toBeUndefined();
  });

  it('of a segment gives the flags that use it a new time, and those alone', async () => {
    const environment = await read(...documents);
    const times = () => environment.inOrder().map(({ key, valuesVersion }) => `${key}@${valuesVersion}`);
    expect(times()).toEqual(['plain@3', 'one@4', 'both@5']);
    environment.take(segment('s', 10, ['b']));
    expect(times()).toEqual(['plain@3', 'one@10', 'both@10']);
    environment.take(segment('s', 11, ['b'], { name: 'x' }));
    expect(times()).toEqual(['plain@3', 'one@10', 'both@10']);
    environment.take(asking('one', 12, 't'));
    environment.take(segment('s', 13, ['c']));
    expect(times()).toEqual(['plain@3', 'one@12', 'both@13']);
    // A flag that comes to use a segment has that segment's time at least.
    environment.take(flag('plain', 14));
    environment.take(asking('late', 15, 's', 't', 'absent'));
    expect(times()).toEqual(['one@12', 'both@13', 'plain@14', 'late@15']);
  });

  it('that was read has the time of the segments that the flag uses', async () => {
    const environment = await read(asking('one', 4, 's'), segment('s', 9, ['a']), flag('plain', 5));
    expect(environment.inOrder().map(({ key, valuesVersion }) => [key, valuesVersion])).toEqual([
      ['plain', 5],
      ['one', 9],
    ]);
  });

  it('of a segment concerns a flag no more that is removed', async () => {
    const environment = await read(...documents);
    environment.remove({ environmentId: 'e', kind: 'flag', key: 'one', version: 4 });
    expect(environment.take(segment('s', 10, ['b']))?.keys).toEqual(['both']);
    expect(environment.inOrder().map(({ key }) => key)).toEqual(['plain', 'both']);
  });

  it.each<[string, readonly unknown[], string]>([
    ['visible unless it says otherwise', [undefined], 'visible'],
    ['visible', [true], 'visible'],
    ['hidden', [false], 'hidden'],
    ['withdrawn once browsers had it', [true, false], 'withdrawn'],
    ['withdrawn as long as it is not theirs', [true, false, false], 'withdrawn'],
    ['visible again', [true, false, true], 'visible'],
  ])('makes a flag %s to browsers', async (_, visibility, expected) => {
    const [first, ...others] = visibility.map((clientVisible, index) =>
      flag('f', index + 1, clientVisible === undefined ? {} : { clientVisible }),
    );
    const environment = await read(first as StoredDocument);
    for (const commit of others) environment.take(commit);
    expect(environment.facts.get('f')?.toClients).toBe(expected);
  });
});

describe('the feed of changes', () => {
  it('gives each reader what is after its cursor, in order', () => {
    const feed = new ChangeFeed();
    for (const version of [10, 20, 30]) feed.publish({ version, keys: [`f${version}`] });
    expect(feed.next(0)).toEqual({ version: 10, keys: ['f10'] });
    expect(feed.next(10)).toEqual({ version: 20, keys: ['f20'] });
    expect(feed.next(25)).toEqual({ version: 30, keys: ['f30'] });
    expect(feed.next(30)).toBeUndefined();
    expect(feed.next(99)).toBeUndefined();
  });

  it('takes what concerns no flag for no change', () => {
    const feed = new ChangeFeed();
    let woken = 0;
    feed.join({ wake: () => void woken++ });
    feed.publish({ version: 10, keys: [] });
    expect([feed.next(0), woken]).toEqual([undefined, 0]);
  });

  it('wakes everybody in slices, and nobody who has left', async () => {
    const feed = new ChangeFeed();
    let woken = 0;
    const leaves = Array.from({ length: 600 }, () => feed.join({ wake: () => void woken++ }));
    feed.publish({ version: 10, keys: ['f'] });
    expect(woken).toBe(256);
    leaves.at(-1)?.();
    await setImmediate();
    await setImmediate();
    expect([woken, feed.readers]).toEqual([599, 599]);
  });

  it('says that a reader is behind who has missed more than is kept', () => {
    const feed = new ChangeFeed();
    for (let version = 1; version <= 1_500; version += 1) feed.publish({ version, keys: ['f'] });
    expect(feed.next(100)).toBe('behind');
    expect(feed.next(499)).toBe('behind');
    expect(feed.next(500)).toEqual({ version: 501, keys: ['f'] });
  });

  it('of an environment has a commit once it is compiled', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const live = new LiveEnvironments(log).of('e');
    await live.flags.current();
    const seen: unknown[] = [];
    live.changes.join({ wake: () => void seen.push([live.changes.next(1), live.flags.facts.get('a')?.version]) });
    log.commit(flag('a', 2));
    expect(seen).toEqual([[{ version: 2, keys: ['a'], committedAt: expect.any(Number) }, 2]]);
  });
});
