import { describe, expect, it } from 'vitest';
import type { PostgresConnection } from '../../../src/storage/postgres/connection.js';
import { Followed } from '../../../src/storage/postgres/followed.js';
import type { PendingCommit } from '../../../src/storage/postgres/session.js';

const own = (version: number, previous: number, key = 'f'): PendingCommit => ({
  ...{ environmentId: 'e', environmentKey: 'dev', kind: 'flag', key, isArchived: false, text: '{}' },
  ...{ version, previous },
});

/** A database that has one piece of news. */
function databaseWith(news: {
  newest: number;
  removals?: number;
  documents?: object[];
  removed?: object[];
  versions?: number[];
  replaced?: number;
  oldest?: number | null;
  remembers?: boolean;
}) {
  const { newest, removals = 0, documents = [], removed = [], versions = [] } = news;
  const { replaced = 0, oldest = null, remembers = true } = news;
  const texts = {
    versions: JSON.stringify(versions),
    removed: JSON.stringify(removed),
    documents: JSON.stringify(documents),
  };
  const row = async () => ({ key: 'dev', newest, removals, replaced, oldest, remembers, ...texts });
  return { row } as unknown as PostgresConnection;
}

function follow(version = 10) {
  const reported: string[] = [];
  const followed = new Followed('e', { version, removals: 0 }, 5, {
    changed: ({ version: one, isForeign = false }) => reported.push(`${one}${isForeign ? ' elsewhere' : ''}`),
    removed: ({ key }) => reported.push(`removed ${key}`),
    replaced: ({ version: one }) => reported.push(`replaced by ${one}`),
  });
  return { followed, reported };
}

const read = (version: number, key = 'g') => ({ kind: 'flag', key, version, isArchived: false, text: '{}' });

describe('what is known of an environment', () => {
  it('is reported without asking when nobody else has changed anything in between', () => {
    const { followed, reported } = follow();
    followed.noteOwn([own(11, 10), own(12, 11)], []);
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['11', '12']);
  });

  it('is reported in the order of versions, whichever change is noted first', () => {
    const { followed, reported } = follow();
    followed.noteOwn([own(12, 11)], []);
    expect(followed.advance()).toBe(false);
    expect(reported).toEqual([]);
    followed.noteOwn([own(11, 10)], []);
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['11', '12']);
  });

  it('is read when somebody else was in between, and every own change is reported all the same', async () => {
    const { followed, reported } = follow();
    // 11 is of another center; the document of 12 has been replaced by 13 already.
    followed.noteOwn([own(12, 11), own(13, 12)], []);
    expect(followed.advance()).toBe(false);
    await followed.catchUp(databaseWith({ newest: 13, documents: [read(11), read(13, 'f')], versions: [11, 12, 13] }));
    expect(reported).toEqual(['11 elsewhere', '12', '13']);
    expect(followed.isBehind({ version: 13, removals: 0 })).toBe(false);
  });

  it('is reported once, whether it is read or noted first', async () => {
    const { followed, reported } = follow();
    await followed.catchUp(databaseWith({ newest: 11, documents: [read(11)] }));
    followed.noteOwn([own(11, 10)], []);
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['11 elsewhere']);
  });

  it('keeps an own change that is newer than what was read', async () => {
    const { followed, reported } = follow();
    followed.noteOwn([own(14, 13)], []);
    await followed.catchUp(databaseWith({ newest: 13, documents: [read(13)] }));
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['13 elsewhere', '14']);
  });

  it('has removals by their numbers, own ones and those of others', async () => {
    const { followed, reported } = follow();
    const removal = { environmentId: 'e', kind: 'flag', version: 3 } as const;
    followed.noteOwn([], [{ ...removal, key: 'a', number: 1 }]);
    expect(followed.advance()).toBe(true);
    followed.noteOwn([], [{ ...removal, key: 'c', number: 3 }]);
    expect(followed.advance()).toBe(false);
    const removed = ['b', 'c'].map((key, index) => ({ kind: 'flag', key, version: 3, number: index + 2 }));
    await followed.catchUp(databaseWith({ newest: 10, removals: 3, removed }));
    expect(reported).toEqual(['removed a', 'removed b', 'removed c']);
  });

  it.each<[what: string, news: Parameters<typeof databaseWith>[0]]>([
    ['is older', { newest: 15 }],
    ['has fewer removals', { newest: 20, removals: -1 }],
    ['is newer, and lacks what was known', { newest: 30, oldest: 15, remembers: false, documents: [read(30)] }],
    ['was replaced a while ago, and is older', { newest: 15, replaced: 9 }],
  ])('is not taken over from a database that %s', async (_, news) => {
    const { followed, reported } = follow(20);
    expect(await followed.catchUp(databaseWith(news))).toBe(20);
    expect(followed.isBehind({ version: 20, removals: 0 })).toBe(false);
    expect(reported).toEqual([]);
  });

  it.each<[what: string, news: Parameters<typeof databaseWith>[0]]>([
    ['remembers it', { newest: 21, oldest: 15, remembers: true, documents: [read(21)] }],
    ['has forgotten so much', { newest: 21, oldest: 21, remembers: false, documents: [read(21)] }],
    ['remembers nothing', { newest: 21, oldest: null, remembers: false, documents: [read(21)] }],
  ])('is taken over from a database that %s', async (_, news) => {
    const { followed, reported } = follow(20);
    expect(await followed.catchUp(databaseWith(news))).toBeUndefined();
    expect(reported).toEqual(['21 elsewhere']);
  });

  it('is replaced when the database says so, with its removals, and what was noted before counts no more', async () => {
    const { followed, reported } = follow(20);
    followed.noteOwn([own(25, 24)], []);
    expect(await followed.catchUp(databaseWith({ newest: 31, replaced: 30, removals: 2 }))).toBeUndefined();
    expect(reported).toEqual(['replaced by 31']);
    expect(followed.isBehind({ version: 31, removals: 2 })).toBe(false);
    followed.noteOwn([own(32, 31)], []);
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['replaced by 31', '32']);
  });

  it('is not gone over by an own change that was made in an older database', () => {
    const { followed, reported } = follow(20);
    followed.noteOwn([own(30, 15)], []);
    expect(followed.advance()).toBe(false);
    expect(reported).toEqual([]);
  });

  it('fails for an environment that is gone', async () => {
    const { followed } = follow();
    const gone = { row: async () => undefined } as unknown as PostgresConnection;
    await expect(followed.catchUp(gone)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});
