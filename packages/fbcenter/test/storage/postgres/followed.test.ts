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
}) {
  const { newest, removals = 0, documents = [], removed = [], versions = [] } = news;
  const texts = {
    versions: JSON.stringify(versions),
    removed: JSON.stringify(removed),
    documents: JSON.stringify(documents),
  };
  const row = async () => ({ key: 'dev', newest, removals, ...texts });
  return { row } as unknown as PostgresConnection;
}

function follow(version = 10) {
  const reported: string[] = [];
  const followed = new Followed('e', { version, removals: 0 }, 5, {
    changed: ({ version: one, isForeign = false }) => reported.push(`${one}${isForeign ? ' elsewhere' : ''}`),
    removed: ({ key }) => reported.push(`removed ${key}`),
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

  it('begins anew when the database is older than what was reported', async () => {
    const { followed, reported } = follow(20);
    expect(await followed.catchUp(databaseWith({ newest: 15 }))).toBe(false);
    expect(followed.isBehind({ version: 15, removals: 0 })).toBe(false);
    followed.noteOwn([own(21, 15)], []);
    expect(followed.advance()).toBe(true);
    expect(reported).toEqual(['21']);
  });

  it('fails for an environment that is gone', async () => {
    const { followed } = follow();
    const gone = { row: async () => undefined } as unknown as PostgresConnection;
    await expect(followed.catchUp(gone)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});
