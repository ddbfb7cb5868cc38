import { describe, expect, it } from 'vitest';
import type { StoredDocument } from '../../../src/model/document.js';
import { Replica } from '../../../src/storage/postgres/replica.js';

const document = (key: string, version: number, rest: Partial<StoredDocument> = {}): StoredDocument => ({
  ...{ kind: 'flag', key, version, isArchived: false, text: `"${key}"` },
  ...rest,
});

describe('a replica', () => {
  it('gives everything, and what is newer than a version that the environment has had', () => {
    const [a, b] = [document('a', 1), document('b', 3)];
    const replica = new Replica([b, a], [1, 2, 3], 10);
    expect(replica.everything()).toEqual({ cursor: 3, documents: [a, b] });
    expect(replica.since(1)).toEqual({ cursor: 3, documents: [b] });
    expect(replica.since(2)).toEqual({ cursor: 3, documents: [b] });
    expect(replica.since(3)).toEqual({ cursor: 3, documents: [] });
    for (const stranger of [0, 4, -1, 1.5, Number.NaN])
      expect(replica.since(stranger), String(stranger)).toBeUndefined();
    expect(new Replica([], [], 10).everything()).toEqual({ cursor: 0, documents: [] });
  });

  it('takes what is newer, and keeps what it has when something older comes', () => {
    const replica = new Replica([document('a', 5)], [5], 10);
    replica.take([document('a', 4), document('b', 6), document('a', 7)], [4, 6, 7]);
    expect(replica.everything()).toEqual({ cursor: 7, documents: [document('b', 6), document('a', 7)] });
    expect(replica.since(5)?.documents).toHaveLength(2);
    expect(replica.since(4)).toBeUndefined();
  });

  it('remembers as many versions as the environment does', () => {
    const replica = new Replica([], [1, 2, 3], 3);
    replica.take([document('a', 4)], [4]);
    expect([1, 2, 4].map((cursor) => replica.since(cursor) !== undefined)).toEqual([false, true, true]);
  });

  it('forgets what is removed, and the versions before: who has them may hold it', () => {
    const replica = new Replica([document('a', 2), document('b', 1)], [1, 2], 10);
    replica.take([document('c', 3)], [3]);
    replica.remove({ environmentId: 'e', kind: 'flag', key: 'a', version: 2 });
    expect(replica.everything().documents.map(({ key }) => key)).toEqual(['b', 'c']);
    expect([replica.since(1), replica.since(2)?.cursor]).toEqual([undefined, 3]);
  });

  it('keeps what was made anew after a removal that is heard of later', () => {
    const replica = new Replica([document('a', 9)], [9], 10);
    replica.remove({ environmentId: 'e', kind: 'flag', key: 'a', version: 2 });
    expect(replica.get('flag', 'a')).toEqual(document('a', 9));
  });

  it('lists by kind and key, and knows what it amounts to', () => {
    const replica = new Replica(
      [
        document('d', 1),
        document('b', 2, { isArchived: true }),
        document('a', 3),
        document('a', 4, { kind: 'segment' }),
      ],
      [],
      10,
    );
    const keys = (query: Parameters<Replica['list']>[1]) =>
      replica
        .list('flag', query)
        .map(({ key }) => key)
        .join('');
    expect([keys({}), keys({ archived: true }), keys({ archived: false }), keys({ after: 'a', limit: 1 })]).toEqual([
      'abd',
      'b',
      'ad',
      'b',
    ]);
    expect(replica.usage()).toEqual({ documents: 4, bytes: 12 });
  });

  it('gives pages of the moment at which they were asked for', async () => {
    const documents = Array.from({ length: 7 }, (_, index) =>
      document(`f${index}`, index + 1, { text: 'x'.repeat(100_000) }),
    );
    const replica = new Replica(documents, [7], 10);
    const pages: string[][] = [];
    const reading = replica.pages((page) => void pages.push(page.map(({ key }) => key)));
    replica.take([document('later', 8)], [8]);
    expect(await reading).toBe(7);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual(documents.map(({ key }) => key));
  });
});
