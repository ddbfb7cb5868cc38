import { setImmediate } from 'node:timers/promises';
import type { User } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { ChangeFeed } from '../../src/live/change-feed.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import { Feed } from '../../src/live/feed.js';
import { RelayedChanges } from '../../src/relay/relayed-changes.js';
import { Replica, type UpstreamDocument } from '../../src/relay/replica.js';
import { UserStream } from '../../src/streaming/user-stream.js';
import { eventually } from '../support/eventually.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';
import { FakeClock } from '../support/fake-clock.js';
import { featBitFlag } from '../support/scripted-featbit.js';

const T = Date.UTC(2026, 0, 1);

const doc = (key: string, version: number, overrides: object = {}): UpstreamDocument => ({
  kind: 'flag',
  key,
  version: T + version,
  isArchived: false,
  text: JSON.stringify(featBitFlag(key, T + version, overrides)),
});

/** An environment that can be replaced, followed by everything that follows one. */
function aWorld(...documents: readonly UpstreamDocument[]) {
  const replica = new Replica((_kind, one, other) => one === other);
  const changes = new RelayedChanges(new FakeClock(), (error) => {
    throw error;
  });
  changes.add('e', replica);
  replica.full(documents);
  const live = new LiveEnvironments(changes);
  const environment = live.of('e');
  const report = (change: ReturnType<Replica['full']>) => changes.report({ id: 'e', key: 'dev' }, change);
  return {
    replica,
    changes,
    environment,
    full: (...all: readonly UpstreamDocument[]) => report(replica.full(all)),
    patch: (...some: readonly UpstreamDocument[]) => report(replica.patch(some)),
  };
}

describe('the stream of documents, when everything is replaced', () => {
  it('tells every reader of before, and none that has come since', () => {
    const feed = new Feed('e', new FakeChangeLog());
    feed.publish(aDocument('a', 10));
    feed.replace(20);
    expect([0, 10, 19].map((cursor) => feed.next(cursor))).toEqual(['replaced', 'replaced', 'replaced']);
    expect(feed.next(20)).toBeUndefined();
    feed.publish(aDocument('b', 30));
    expect(feed.next(20)).toMatchObject({ version: 30 });
    expect(feed.next(10)).toBe('replaced');
  });

  it('wakes the readers, and answers with what there is then', async () => {
    const { environment, full } = aWorld(doc('a', 1), doc('b', 2));
    const { feed } = environment;
    const { cursor } = await feed.answer(0);
    let wakes = 0;
    const leave = feed.join({
      wake: () => {
        wakes += 1;
      },
    });
    full(doc('a', 1));
    expect(wakes).toBe(1);
    expect(feed.next(cursor)).toBe('replaced');
    const answer = await feed.answer(0);
    expect(feed.next(answer.cursor)).toBeUndefined();
    leave();
  });
});

describe('the stream of changed flags, when everything is replaced', () => {
  it('tells every reader of before', () => {
    const feed = new ChangeFeed();
    feed.publish({ version: 10, keys: ['a'] });
    feed.replace(20);
    expect([0, 10, 19].map((cursor) => feed.next(cursor))).toEqual(['replaced', 'replaced', 'replaced']);
    expect(feed.next(20)).toBeUndefined();
    feed.publish({ version: 30, keys: ['a'] });
    expect(feed.next(20)).toEqual({ version: 30, keys: ['a'] });
  });
});

describe('a live environment, when everything is replaced', () => {
  it('has other flags than before, without those that are gone', async () => {
    const { environment, full } = aWorld(doc('a', 1), doc('b', 2));
    await environment.flags.current();
    expect([...environment.flags.facts.keys()]).toEqual(['a', 'b']);
    full(doc('a', 1));
    await eventually(() => [...environment.flags.facts.keys()]).toEqual(['a']);
    expect(environment.flags.store.flag('b')).toBeUndefined();
  });

  it('takes flags back to what they were', async () => {
    const { environment, full } = aWorld(doc('a', 5, { isEnabled: false }));
    await environment.flags.current();
    full(doc('a', 1));
    await eventually(() => environment.flags.store.flag('a')?.version).toBe(T + 1);
  });

  it('misses no change that comes while it is compiled', async () => {
    const { environment, full, patch } = aWorld(doc('a', 1), doc('b', 2));
    await environment.flags.current();
    full(doc('a', 1));
    patch(doc('c', 9));
    await eventually(() => [...environment.flags.facts.keys()].toSorted()).toEqual(['a', 'c']);
    expect(environment.flags.version).toBeGreaterThanOrEqual(T + 9);
  });

  it('ends with the last of several replacements', async () => {
    const { environment, full } = aWorld(doc('a', 1), doc('b', 2), doc('c', 3));
    await environment.flags.current();
    full(doc('a', 1), doc('b', 2));
    full(doc('a', 1));
    await setImmediate();
    await eventually(() => [...environment.flags.facts.keys()]).toEqual(['a']);
  });

  it('that nobody has asked about yet has the new flags at once', async () => {
    const { environment, full } = aWorld(doc('a', 1), doc('b', 2));
    full(doc('b', 2));
    expect([...(await environment.flags.current()).facts.keys()]).toEqual(['b']);
  });

  it('has other summaries', async () => {
    const { environment, full } = aWorld(doc('a', 1), doc('b', 2));
    const before = await environment.summaries.current();
    full(doc('a', 1));
    const { items } = JSON.parse(String((await environment.summaries.current()).text));
    expect(items).toHaveLength(1);
    expect((await environment.summaries.current()).tag).not.toBe(before.tag);
  });
});

describe('a browser, when everything is replaced', () => {
  it('is given everything anew for its user, and after that only what changes', async () => {
    const { environment, full, patch } = aWorld(doc('a', 1), doc('b', 2));
    const stream = new UserStream(environment, new ClientFlags('neutral'), { key: 'u', name: 'U' } as User);
    let woken = 0;
    const leave = stream.join({
      wake: () => {
        woken += 1;
      },
    });
    const { cursor } = await stream.answer(0);
    full(doc('a', 1));
    await eventually(() => woken).toBeGreaterThan(0);
    expect(stream.next(cursor)).toBe('replaced');
    const answer = await stream.answer(0);
    expect(stream.next(answer.cursor)).toBeUndefined();
    patch(doc('c', 9));
    expect(stream.next(answer.cursor)).toMatchObject({ version: T + 9 });
    leave();
  });
});

describe('the change log of a relay', () => {
  it('gives nothing of an environment that it knows nothing of, rather than an empty one', async () => {
    const changes = new RelayedChanges(new FakeClock(), () => {});
    changes.add('e', new Replica(() => true));
    for (const reading of [
      changes.everything('e'),
      changes.pages('e', () => {}),
      changes.since('e', 1),
      changes.everything('x'),
    ]) {
      await expect(reading).rejects.toMatchObject({ code: 'busy' });
    }
  });

  it('gives an environment in pages, in the order of versions', async () => {
    const documents = Array.from({ length: 450 }, (_, index) => doc(`f${index}`, index + 1));
    const { changes } = aWorld(...documents);
    const pages: number[] = [];
    const keys: string[] = [];
    const cursor = await changes.pages('e', (page) => {
      pages.push(page.length);
      keys.push(...page.map(({ key }) => key));
    });
    expect(pages).toEqual([200, 200, 50]);
    expect(keys).toEqual(documents.map(({ key }) => key));
    expect(cursor).toBe(T + 450);
  });

  it('reports until it is told to stop, and is not disturbed by a listener that throws', () => {
    const errors: unknown[] = [];
    const changes = new RelayedChanges(new FakeClock(), (error) => void errors.push(error));
    const seen: string[] = [];
    changes.watch(() => {
      throw new Error('a listener of ours');
    });
    const stop = changes.watch(
      ({ key, environmentKey, committedAt }) => void seen.push(`${environmentKey} ${key} ${committedAt > 0}`),
    );
    const stopReplacements = changes.watchReplacements(({ version }) => void seen.push(`replaced ${version}`));
    const change = { kind: 'committed' as const, documents: [aDocument('a', 1)] };
    changes.report({ id: 'e', key: 'dev' }, change);
    changes.report({ id: 'e', key: 'dev' }, { kind: 'replaced', position: 7 });
    stop();
    stopReplacements();
    changes.report({ id: 'e', key: 'dev' }, change);
    changes.report({ id: 'e', key: 'dev' }, { kind: 'replaced', position: 8 });
    expect(seen).toEqual(['dev a true', 'replaced 7']);
    expect(errors).toHaveLength(2);
    changes.watchRemovals(() => {})();
  });
});
