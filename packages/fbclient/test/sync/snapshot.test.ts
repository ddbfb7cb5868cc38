import { beforeEach, describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';
import { Log } from '../../src/runtime/log.js';
import { HeldDocuments } from '../../src/sync/documents.js';
import type { Persistence } from '../../src/sync/persistence.js';
import { SnapshotKeeper } from '../../src/sync/snapshot.js';
import { watchDigests } from '../support/digests.js';
import { FakeClock } from '../support/fake-clock.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { COMPILING } from '../support/store.js';
import { full, updatedAt, wireFlag, wireSegment } from '../support/wire.js';

const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
/** From a commit to its save. */
const DEBOUNCE = 1_000;
const digested = watchDigests();

/** A store of texts whose saves a test can hold up or let fail. */
class OwnPersistence implements Persistence {
  readonly kept = new Map<string, string>();
  readonly saves: string[] = [];
  readonly environments = new Set<string>();
  how: 'good' | 'failing' | 'hanging' | 'throwing' = 'good';

  load(environment: string): ReturnType<Persistence['load']> {
    this.environments.add(environment);
    return this.#answer(() => this.kept.get(environment));
  }

  save(environment: string, snapshot: string): ReturnType<Persistence['save']> {
    this.environments.add(environment);
    this.saves.push(snapshot);
    return this.#answer(() => void this.kept.set(environment, snapshot));
  }

  #answer<T>(result: () => T): Promise<T> {
    switch (this.how) {
      case 'good':
        return Promise.resolve(result());
      case 'failing':
        return Promise.reject(Object.assign(new Error('MARKED'), { code: 'ENOSPC' }));
      case 'hanging':
        return new Promise(() => undefined);
      case 'throwing':
        throw new TypeError('MARKED');
    }
  }
}

let clock: FakeClock;
let logger: RecordingLogger;
let persistence: OwnPersistence;
let keeper: SnapshotKeeper;
let store: FlagStore;
let documents: HeldDocuments;

beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  persistence = new OwnPersistence();
  store = new FlagStore();
  documents = new HeldDocuments(store, true);
  keeper = keeperOf(SECRET);
});

function keeperOf(identity: string): SnapshotKeeper {
  return new SnapshotKeeper(persistence, identity, () => documents.all(), clock, new Log(logger, new FakeClock()));
}

function commit(
  eventType: 'full' | 'patch',
  flags: readonly unknown[],
  save = true,
  segments: readonly unknown[] = [],
  confirmed = save,
): void {
  const { changes } = compileDataSyncNow({ eventType, featureFlags: flags, segments }, COMPILING, documents);
  const { revision } = store;
  store.commit(changes);
  documents.remember(changes);
  keeper.committed(revision !== store.revision, save, confirmed);
}

/** What the latest save holds, as flag key and version. */
function saved(): unknown {
  const { messageType, data } = JSON.parse(must(persistence.saves.at(-1)));
  expect([messageType, data.eventType]).toEqual(['data-sync', 'full']);
  return data.featureFlags.map(
    ({ key, updatedAt }: { key: string; updatedAt: string }) => `${key} ${updatedAt.slice(20, 23)}`,
  );
}

/** Lets what crypto does off the main thread come back as well. */
async function pass(milliseconds: number): Promise<void> {
  await digested();
  await clock.advance(milliseconds);
  await digested();
  await clock.settle();
}

describe('what was pushed', () => {
  it('is not saved before the rest was confirmed once, and is then saved as old as that', async () => {
    commit('patch', [wireFlag('a')], true, [], false);
    await pass(5_000);
    expect(persistence.saves).toEqual([]);
    commit('full', [wireFlag('a')]);
    const confirmedAt = clock.now();
    await pass(5_000);
    commit('patch', [wireFlag('pushed')], true, [], false);
    await pass(5_000);
    expect(persistence.saves.length).toBe(2);
    expect(JSON.parse(must(persistence.saves.at(-1)))).toMatchObject({ currentAt: confirmedAt });
    expect(persistence.saves.at(-1)).toContain('pushed');
  });
});

describe('a commit', () => {
  it('is saved a second later, once for all that came meanwhile', async () => {
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE - 1);
    commit('patch', [wireFlag('b')]);
    expect(persistence.saves).toEqual([]);
    await pass(1);
    expect(persistence.saves.length).toBe(1);
    expect(saved()).toEqual(['a 001', 'b 001']);
    await pass(60_000);
    expect(persistence.saves.length).toBe(1);
  });

  it('is saved as the server sent it, fields that are not known included', async () => {
    const flag = { ...wireFlag('a'), tags: ['x'], future: { any: 'thing' } };
    commit('full', [flag], true, [wireSegment('s', ['ada'])]);
    await pass(DEBOUNCE);
    expect(JSON.parse(must(persistence.saves[0])).data).toEqual({
      eventType: 'full',
      featureFlags: [flag],
      segments: [wireSegment('s', ['ada'])],
    });
  });

  it('follows the rules of versions: the newest of each, traces of archived ones, nothing of before a full', async () => {
    commit('full', [wireFlag('gone'), wireFlag('a', 'on', { updatedAt: updatedAt(5) })]);
    commit('full', [wireFlag('a', 'on', { updatedAt: updatedAt(5) }), wireFlag('b')]);
    commit('patch', [wireFlag('a', 'on', { updatedAt: updatedAt(4) })]);
    commit('patch', [wireFlag('b', 'on', { updatedAt: updatedAt(7), isArchived: true })]);
    await pass(DEBOUNCE);
    expect(saved()).toEqual(['a 005', 'b 007']);
  });

  it('that is no news is not saved by itself, and is with the next that is', async () => {
    commit('full', [wireFlag('kept')], false);
    await pass(60_000);
    expect(persistence.saves).toEqual([]);
    commit('patch', [wireFlag('news')]);
    await pass(DEBOUNCE);
    expect(saved()).toEqual(['kept 001', 'news 001']);
  });

  it('that comes during a save is saved after it', async () => {
    let finish: () => void = () => undefined;
    persistence.save = (_environment, snapshot) => {
      persistence.saves.push(snapshot);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    commit('patch', [wireFlag('b')]);
    await pass(10_000);
    expect(persistence.saves.length).toBe(1);
    finish();
    await pass(DEBOUNCE);
    expect(saved()).toEqual(['a 001', 'b 001']);
  });
});

describe('a document that cannot be encoded', () => {
  const damaged = (key: string): unknown => ({
    ...wireFlag(key),
    unknown: {
      toJSON() {
        throw new RangeError('MARKED');
      },
    },
  });

  it.each([0, 1, 19])('is skipped and named once, at place %d of 20; the others are saved', async (place) => {
    const flags = Array.from({ length: 20 }, (_, index) =>
      index === place ? damaged(`f${index}`) : wireFlag(`f${index}`),
    );
    commit('full', flags, true, [wireSegment('s', ['ada'])]);
    // A slice for each few documents: what is thrown in a later one has no caller that could catch it.
    clock.costOfReading = 3;
    await pass(DEBOUNCE);
    const others = flags.flatMap((_, index) => (index === place ? [] : [`f${index} 001`]));
    expect(saved()).toEqual(others);
    commit('patch', [wireFlag('news')]);
    await pass(60_000);
    expect(saved()).toEqual([...others, 'news 001']);
    expect(logger.entries).toMatchObject([
      { level: 'error', fields: { code: 'persistence-failed', kind: 'flag', key: `f${place}` } },
    ]);
    expect(logger.text).not.toContain('MARKED');
  });

  it('does not hold up the end', async () => {
    commit('full', [wireFlag('a'), damaged('b')]);
    clock.costOfReading = 1_000;
    const closed = keeper.close();
    await pass(1);
    await closed;
    expect(saved()).toEqual(['a 001']);
  });
});

it('documents that cannot be had are a failed save, which is tried again', async () => {
  const all = documents.all.bind(documents);
  documents.all = () => {
    throw new RangeError('MARKED');
  };
  commit('full', [wireFlag('a')]);
  await pass(DEBOUNCE);
  expect(persistence.saves).toEqual([]);
  expect(logger.codes('error')).toEqual(['persistence-failed']);
  documents.all = all;
  await pass(60_000);
  expect(saved()).toEqual(['a 001']);
});

describe('a persistence that', () => {
  it.each(['failing', 'throwing'] as const)(
    'is %s is told and tried again, ever more slowly, until it works',
    async (how) => {
      persistence.how = how;
      commit('full', [wireFlag('a')]);
      for (const wait of [DEBOUNCE, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
        const before = persistence.saves.length;
        await pass(wait - 1);
        expect(persistence.saves.length).toBe(before);
        await pass(1);
        expect(persistence.saves.length).toBe(before + 1);
      }
      persistence.how = 'good';
      await pass(60_000);
      expect(persistence.kept.size).toBe(1);
      const attempts = persistence.saves.length;
      await pass(600_000);
      expect(persistence.saves.length).toBe(attempts);
      expect(logger.codes('error')).toContain('persistence-failed');
      expect(logger.text).not.toContain('MARKED');
    },
  );

  it('has saved when it returns, without a promise, is not asked again', async () => {
    persistence.save = (_environment, snapshot) => void persistence.saves.push(snapshot);
    commit('full', [wireFlag('a')]);
    await pass(600_000);
    expect(persistence.saves.length).toBe(1);
    expect(logger.entries).toEqual([]);
  });

  it('hangs is given up after 30 seconds and tried again', async () => {
    persistence.how = 'hanging';
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    await pass(30_000);
    persistence.how = 'good';
    await pass(2_000);
    expect(persistence.saves.length).toBe(2);
    expect(persistence.kept.size).toBe(1);
  });
});

describe('what was kept', () => {
  it('comes back, with its age', async () => {
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    await clock.advance(5_000);
    const saved = must(await keeperOf(SECRET).load());
    expect(saved.data).toMatchObject({ featureFlags: [wireFlag('a')] });
    expect(saved.age).toBe(DEBOUNCE + 5_000);
  });

  it('is found under its own secret only, whose name says nothing of it', async () => {
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    await expect(keeperOf(`${SECRET}x`).load()).resolves.toBeUndefined();
    expect(persistence.environments.size).toBe(2);
    for (const environment of persistence.environments) {
      expect(environment).toMatch(/^[0-9a-f]{32}$/);
      expect(environment).not.toContain(SECRET.slice(0, 8));
    }
    expect(persistence.saves.join()).not.toContain(SECRET);
  });

  it('is nothing when nothing was', async () => {
    await expect(keeper.load()).resolves.toBeUndefined();
    expect(logger.entries).toEqual([]);
  });

  it.each([
    ['half of it', JSON.stringify(full([wireFlag('a')])).slice(0, 50)],
    ['another format', '{"flags":[]}'],
    ['an empty file', ''],
  ])('is ignored with a log when it is damaged: %s', async (_name, text) => {
    persistence.load = () => Promise.resolve(text);
    await expect(keeper.load()).resolves.toBeUndefined();
    expect(logger.codes('error')).toEqual(['persistence-damaged']);
  });

  it.each(['failing', 'throwing'] as const)('is nothing, with a log, when the persistence is %s', async (how) => {
    persistence.how = how;
    await expect(keeper.load()).resolves.toBeUndefined();
    expect(logger.codes('error')).toEqual(['persistence-failed']);
    expect(logger.text).not.toContain('MARKED');
  });

  it('is nothing when the persistence answers null, as clients of Redis do', async () => {
    persistence.load = () => Promise.resolve(null);
    await expect(keeper.load()).resolves.toBeUndefined();
    expect(logger.entries).toEqual([]);
  });

  it('may come without a promise', async () => {
    persistence.load = () => JSON.stringify(full([wireFlag('a')]));
    expect(must(await keeper.load()).data).toMatchObject({ featureFlags: [wireFlag('a')] });
  });

  it('is a plain bootstrap too: its age is unknown to be more than nothing', async () => {
    persistence.load = () => Promise.resolve(JSON.stringify(full([wireFlag('a')])));
    await expect(keeper.load()).resolves.toMatchObject({ age: 0 });
  });
});

describe('the age of what was kept', () => {
  const HOUR = 3_600_000;
  const age = async (): Promise<number> => must(await keeperOf(SECRET).load()).age;

  it('counts from when it was last current, not from its save', async () => {
    commit('full', [wireFlag('a')]);
    persistence.how = 'failing';
    await pass(DEBOUNCE);
    persistence.how = 'good';
    await pass(60_000);
    expect(await age()).toBe(DEBOUNCE + 60_000);
  });

  it('counts from the last confirmation once it is closed', async () => {
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    await clock.advance(10 * 24 * HOUR);
    keeper.confirmed();
    await clock.advance(5_000);
    const closed = keeper.close();
    await pass(0);
    await closed;
    expect(await age()).toBe(5_000);
  });

  it('does so too for what was kept of an earlier run and is confirmed in this one', async () => {
    commit('full', [wireFlag('a')], false);
    await clock.advance(HOUR);
    keeper.confirmed();
    await pass(DEBOUNCE);
    expect(saved()).toEqual(['a 001']);
    expect(await age()).toBe(DEBOUNCE);
  });

  it('is an hour and little more at most while confirmations come, which cost a save an hour', async () => {
    commit('full', [wireFlag('a')]);
    for (let minute = 0; minute < 600; minute++) {
      await pass(60_000);
      keeper.confirmed();
    }
    expect(persistence.saves.length).toBe(10);
    expect(await age()).toBeLessThanOrEqual(HOUR + 60_000);
  });

  it('starts anew with a patch that brings nothing, as with any other confirmation', async () => {
    commit('full', [wireFlag('a')]);
    for (let minute = 0; minute < 10; minute++) {
      await pass(60_000);
      commit('patch', [wireFlag('a')]);
    }
    expect(persistence.saves.length).toBe(1);
    const closed = keeper.close();
    await pass(0);
    await closed;
    expect(await age()).toBe(0);
  });

  it('stays that of the last confirmation when more came that is not current', async () => {
    commit('full', [wireFlag('a')]);
    await clock.advance(500);
    commit('patch', [wireFlag('b')], false);
    await pass(500);
    expect(saved()).toEqual(['a 001', 'b 001']);
    expect(await age()).toBe(1_000);
  });

  it('is confirmed during a long save without another one right after it', async () => {
    let finish: () => void = () => undefined;
    persistence.save = (_environment, snapshot) => {
      persistence.saves.push(snapshot);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    keeper.confirmed();
    finish();
    await pass(60_000);
    expect(persistence.saves.length).toBe(1);
  });

  it('is nobody’s when nothing is held: a confirmation by itself saves nothing over what may be kept', async () => {
    keeper.confirmed();
    await pass(DEBOUNCE);
    await keeper.close();
    expect(persistence.saves).toEqual([]);
  });
});

describe('closing', () => {
  it('saves what has not been saved, at once', async () => {
    commit('full', [wireFlag('a')]);
    const closed = keeper.close();
    await pass(0);
    await closed;
    expect(saved()).toEqual(['a 001']);
    expect(clock.timers()).toBe(0);
  });

  it('has nothing to do when all is saved', async () => {
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    await keeper.close();
    expect(persistence.saves.length).toBe(1);
  });

  it('makes one more attempt and no others when it fails', async () => {
    persistence.how = 'failing';
    commit('full', [wireFlag('a')]);
    await pass(DEBOUNCE);
    const closed = keeper.close();
    await pass(0);
    await closed;
    expect(persistence.saves.length).toBe(2);
    await pass(600_000);
    expect(persistence.saves.length).toBe(2);
    expect(clock.timers()).toBe(0);
  });
});
