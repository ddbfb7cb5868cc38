import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Feed } from '../../src/live/feed.js';
import type { SyncStream } from '../../src/live/stream.js';
import { dataSyncMessage } from '../../src/live/sync-message.js';
import { wireId } from '../../src/live/wire-id.js';
import type { StoredDocument } from '../../src/model/document.js';
import { Bytes } from '../../src/runtime/bytes.js';
import { SharedMemory } from '../../src/runtime/shared-memory.js';
import { aDocument, closedGate, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

/** What the segment `s` is called on the wire. */
const S = wireId('s');

/** A feed that follows a log, as the center wires it. */
function feedOf(log: FakeChangeLog): Feed {
  const feed = new Feed('e', log);
  log.watch((commit) => feed.publish(commit));
  log.watchRemovals((removal) => feed.remove(removal));
  return feed;
}

/** What a message says: its type, and the documents with their versions. */
function read(given: Buffer | Bytes): { eventType: string; documents: string[] } {
  const message = given instanceof Bytes ? given.whole() : given;
  const { data } = JSON.parse(String(message));
  const named = [...data.featureFlags, ...data.segments].map(
    ({ key, id, updatedAt }) => `${key ?? id}@${Date.parse(updatedAt)}`,
  );
  return { eventType: data.eventType, documents: named };
}

/** Takes every push that a reader at a cursor is due. */
function pushesAfter(stream: SyncStream, cursor: number): string[] | 'behind' | 'replaced' {
  const pushes: string[] = [];
  for (let at = cursor; ; ) {
    const next = stream.next(at);
    if (next === undefined) return pushes;
    if (typeof next === 'string') return next;
    expect(next.version).toBeGreaterThan(at);
    at = next.version;
    pushes.push(...read(next.message).documents);
  }
}

describe('an answer', () => {
  const documents = [aDocument('a', 10), aDocument('s', 20, {}, 'segment'), aDocument('b', 30, { isArchived: true })];

  it.each<[string, number, object, number]>([
    ['cursor 0', 0, { eventType: 'full', documents: ['a@10', 'b@30', `${S}@20`] }, 30],
    ['a negative cursor', -1, { eventType: 'full', documents: ['a@10', 'b@30', `${S}@20`] }, 30],
    ['a cursor that is not known', 25, { eventType: 'full', documents: ['a@10', 'b@30', `${S}@20`] }, 30],
    ['a known cursor', 10, { eventType: 'patch', documents: ['b@30', `${S}@20`] }, 30],
    ['the newest cursor', 30, { eventType: 'patch', documents: [] }, 30],
  ])('to %s holds what that reader lacks', async (_, cursor, expected, leftAt) => {
    const answer = await feedOf(new FakeChangeLog(...documents)).answer(cursor);
    expect(read(answer.message)).toEqual(expected);
    expect(answer.cursor).toBe(leftAt);
    expect(answer.isEmpty).toBe(cursor === 30);
  });

  it('of an empty environment is everything, which is nothing, and leaves the reader at 0', async () => {
    const answer = await feedOf(new FakeChangeLog()).answer(5);
    expect(read(answer.message)).toEqual({ eventType: 'full', documents: [] });
    expect(answer).toMatchObject({ cursor: 0, isEmpty: false });
  });

  it('is read once for all who ask with the same cursor, until the next commit', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    const answers = await Promise.all([feed.answer(10), feed.answer(10), feed.answer(10)]);
    expect(new Set(answers).size).toBe(1);
    expect(await feed.answer(10)).toBe(answers[0]);
    expect(log.reads).toEqual(['e since 10']);
    log.commit(aDocument('a', 40));
    expect(read((await feed.answer(10)).message).documents).toEqual(['b@30', 'a@40', `${S}@20`]);
    expect(log.reads).toHaveLength(2);
  });

  it('to many cursors that are not known costs one reading of everything', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    const answers = await Promise.all([1, 2, 3].map((cursor) => feed.answer(cursor)));
    expect(new Set(answers).size).toBe(1);
    expect(log.reads.filter((name) => name.startsWith('everything'))).toHaveLength(1);
  });

  it('is kept for a few cursors only', async () => {
    const log = new FakeChangeLog(...Array.from({ length: 9 }, (_, index) => aDocument(`f${index}`, index + 1)));
    const feed = feedOf(log);
    for (let cursor = 1; cursor <= 9; cursor++) await feed.answer(cursor);
    await feed.answer(9);
    expect(log.reads).toHaveLength(9);
    await feed.answer(1);
    expect(log.reads).toHaveLength(10);
  });

  it('that is everything is read once for all who ask, with what was committed meanwhile', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    const { gate, open } = closedGate();
    log.gate = gate;
    const first = feed.answer(0);
    await setImmediate();
    const later = [40, 50, 60].map((version) => {
      log.commit(aDocument('a', version));
      return feed.answer(0);
    });
    await setImmediate();
    expect(log.reads).toEqual(['everything of e']);
    open();
    const answers = await Promise.all([first, ...later]);
    expect(new Set(answers).size).toBe(1);
    const [{ cursor, message } = await first] = answers;
    expect([cursor, read(message).documents]).toEqual([60, ['a@60', 'b@30', `${S}@20`]]);
    expect(log.reads).toEqual(['everything of e']);
  });

  it('that is everything follows the commits and removals, and is not read again', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    expect((await feed.answer(0)).cursor).toBe(30);
    log.commit(aDocument('a', 40));
    log.commit(aDocument('s', 50, {}, 'segment'));
    log.remove(aDocument('b', 30));
    const { cursor, message } = await feed.answer(0);
    expect([cursor, read(message).documents]).toEqual([50, ['a@40', `${S}@50`]]);
    log.commit(aDocument('b', 60));
    expect(read((await feed.answer(0)).message).documents).toEqual(['a@40', 'b@60', `${S}@50`]);
    expect(log.reads).toEqual(['everything of e']);
  });

  it('that is everything lacks what was removed while it was read, and has what was made anew under that key', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    const { gate, open } = closedGate();
    const [a, s, b] = [aDocument('a', 10), aDocument('s', 20, {}, 'segment'), aDocument('b', 30, { isArchived: true })];
    vi.spyOn(log, 'pages').mockImplementation(async (_, take) => {
      await gate;
      take([a, s, b]);
      return 30;
    });
    const answer = feed.answer(0);
    log.remove(b);
    log.remove(a);
    log.commit(aDocument('a', 40));
    open();
    const { cursor, message } = await answer;
    expect([cursor, read(message).documents]).toEqual([40, ['a@40', `${S}@20`]]);
  });

  it('that is everything is the same to all readers, and the next shares all but what has changed', async () => {
    const large = Array.from({ length: 100 }, (_, index) =>
      aDocument(`f${index}`, index + 1, { x: 'x'.repeat(9_000) }),
    );
    const log = new FakeChangeLog(...large);
    const feed = feedOf(log);
    const readers = await Promise.all(Array.from({ length: 50 }, () => feed.answer(0)));
    const [{ message: before } = await feed.answer(0)] = readers;
    expect(new Set(readers.map(({ message }) => message)).size).toBe(1);
    log.commit(aDocument('f50', 200, { x: 'y'.repeat(9_000) }));
    const { message: after } = await feed.answer(0);
    const held = new SharedMemory();
    held.hold(before);
    const alone = held.bytes;
    held.hold(after);
    expect(alone).toBeGreaterThan(900_000);
    // Two pages: the one that had it, and the last one.
    expect(held.bytes - alone).toBeLessThan(2 * 64 * 1024 + 1_000);
  });

  it('is forgotten when nobody has asked for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    await feed.answer(0);
    vi.advanceTimersByTime(4_000);
    log.commit(aDocument('a', 40));
    await feed.answer(0);
    vi.advanceTimersByTime(4_000);
    await feed.answer(0);
    expect(log.reads).toHaveLength(1);
    vi.advanceTimersByTime(5_000);
    await feed.answer(0);
    expect(log.reads).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('is expected to be as large as what was last read or pushed', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    expect(feed.expectedBytes(0)).toBe(0);
    const { message } = await feed.answer(0);
    expect(feed.expectedBytes(0)).toBe(message.length);
    log.commit(aDocument('a', 40));
    log.commit(aDocument('a', 50));
    const sizes = [40, 50].map((version) => dataSyncMessage('patch', [aDocument('a', version)]).length);
    expect(feed.expectedBytes(50)).toBe(0);
    expect(feed.expectedBytes(40)).toBe(sizes[1]);
    expect(feed.expectedBytes(30)).toBe((sizes[0] ?? 0) + (sizes[1] ?? 0));
  });

  it('that failed is not kept: the next reader asks again', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    log.failure = new Error('on purpose');
    const [first, second] = await Promise.allSettled([feed.answer(0), feed.answer(0)]);
    expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
    expect(read((await feed.answer(0)).message).documents).toHaveLength(3);
  });

  it('that fails late does not take a newer one with it', async () => {
    const log = new FakeChangeLog(...documents);
    const feed = feedOf(log);
    const { gate, open } = closedGate();
    log.gate = gate;
    log.failure = new Error('on purpose');
    const failing = feed.answer(0).catch(() => 'failed');
    await setImmediate();
    feed.forgetAnswers();
    const newer = feed.answer(0);
    open();
    expect(await failing).toBe('failed');
    expect(await feed.answer(0)).toBe(await newer);
  });
});

describe('pushes', () => {
  it('are the commits after the cursor, each by itself, in the order of versions', async () => {
    const log = new FakeChangeLog(aDocument('a', 10));
    const feed = feedOf(log);
    expect(pushesAfter(feed, 10)).toEqual([]);
    log.commit(aDocument('b', 20));
    log.commit(aDocument('s', 30, {}, 'segment'));
    log.commit(aDocument('b', 40));
    expect(pushesAfter(feed, 10)).toEqual(['b@20', `${S}@30`, 'b@40']);
    expect(pushesAfter(feed, 20)).toEqual([`${S}@30`, 'b@40']);
    expect(pushesAfter(feed, 25)).toEqual([`${S}@30`, 'b@40']);
    expect(pushesAfter(feed, 40)).toEqual([]);
    expect(pushesAfter(feed, 99)).toEqual([]);
  });

  it('share their bytes between all readers', () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    log.commit(aDocument('a', 10));
    expect(feed.next(0)).toBe(feed.next(5));
  });

  it('hold the document as it is kept, byte by byte', () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    const document = { ...aDocument('a', 10), text: '{"key":"a",  "odd": "ключ 🚩"}' };
    log.commit(document);
    const next = feed.next(0);
    if (next === undefined || typeof next === 'string') throw new Error('no push');
    expect(String(next.message)).toContain(document.text);
  });

  it('of more than a thousand commits are not kept: who is further behind needs an answer', () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    for (let version = 1; version <= 1_005; version++) log.commit(aDocument('a', version));
    expect(feed.next(4)).toBe('behind');
    expect(pushesAfter(feed, 5)).toHaveLength(1_000);
  });

  it('of more than 8 MiB are not kept either, and one that is larger by itself is not kept at all', () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    const padding = 'x'.repeat(3 * 1024 * 1024);
    for (let version = 1; version <= 4; version++) log.commit(aDocument('a', version, { padding }));
    expect(feed.next(1)).toBe('behind');
    expect(pushesAfter(feed, 2)).toEqual(['a@3', 'a@4']);
    log.commit(aDocument('huge', 5, { padding: padding.repeat(3) }));
    expect(feed.next(4)).toBe('behind');
    expect(pushesAfter(feed, 5)).toEqual([]);
  });
});

describe('a reader', () => {
  function reader(): { readonly wakes: number; wake(): void } {
    return {
      wakes: 0,
      wake() {
        Object.assign(this, { wakes: this.wakes + 1 });
      },
    };
  }

  it('is woken by every commit from when it joins until it leaves', async () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    const [one, other] = [reader(), reader()];
    log.commit(aDocument('a', 1));
    const leave = feed.join(one);
    feed.join(other);
    expect(feed.readers).toBe(2);
    log.commit(aDocument('a', 2));
    leave();
    leave();
    log.commit(aDocument('a', 3));
    await setImmediate();
    expect([one.wakes, other.wakes, feed.readers]).toEqual([1, 2, 1]);
  });

  it('is woken once more after a commit that came while others were being woken', async () => {
    const log = new FakeChangeLog();
    const feed = feedOf(log);
    const readers = Array.from({ length: 300 }, reader);
    for (const one of readers) feed.join(one);
    log.commit(aDocument('a', 1));
    log.commit(aDocument('a', 2));
    for (let turn = 0; turn < 4; turn++) await setImmediate();
    expect(new Set(readers.map(({ wakes }) => wakes))).toEqual(new Set([2]));
  });
});

describe('an answer and the pushes after it', () => {
  /** A reader that asks and then follows; what it holds at the end. */
  async function follow(feed: Feed, cursor: number, held: Map<string, string>): Promise<() => void> {
    const take = ({ message }: { readonly message: Buffer | Bytes }) => {
      const { eventType, documents } = read(message);
      if (eventType === 'full') held.clear();
      for (const name of documents) held.set(name.split('@')[0] ?? '', name);
    };
    let at: number | undefined;
    const catchUp = (): void => {
      for (;;) {
        const next = at === undefined ? undefined : feed.next(at);
        if (next === undefined || typeof next === 'string') return;
        at = next.version;
        take(next);
      }
    };
    const leave = feed.join({ wake: catchUp });
    const answer = await feed.answer(cursor);
    at = answer.cursor;
    take(answer);
    catchUp();
    return leave;
  }

  it('give a reader all there is, whenever it asks and however late commits are reported', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      late: fc.boolean(),
      asks: fc.boolean(),
      behind: fc.nat(3),
    });
    await check(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const log = new FakeChangeLog(aDocument('a', 1));
        const feed = feedOf(log);
        const held: Map<string, string>[] = [];
        const following: Promise<unknown>[] = [];
        let unreported: StoredDocument[] = [];
        const reportAll = () => {
          for (const document of unreported) log.report(document);
          unreported = [];
        };
        for (const [index, { key, late, asks, behind }] of steps.entries()) {
          const version = index + 2;
          if (asks) {
            const map = new Map<string, string>();
            held.push(map);
            following.push(follow(feed, Math.max(0, version - 1 - behind) * Number(behind === 0), map));
          }
          const document = aDocument(key, version);
          log.keepQuietly(document);
          unreported.push(document);
          if (!late) reportAll();
          if (asks && late) await setImmediate();
        }
        reportAll();
        await Promise.all(following);
        await setImmediate();
        const { documents } = await log.everything('e');
        const newest = new Map(documents.map(({ key, version }) => [key, version]));
        for (const map of held) {
          for (const [key, name] of map) expect(name).toBe(`${key}@${newest.get(key)}`);
          expect(map.get(steps.at(-1)?.key ?? ''), 'the last commit').toBeDefined();
        }
      }),
      200,
    );
  });
});
