import { beforeEach, describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';
import { type DataSync, decodeDataSyncEnvelope } from '../../src/protocol/messages.js';
import { Log } from '../../src/runtime/log.js';
import type { Commit } from '../../src/sync/data-source.js';
import { HeldDocuments } from '../../src/sync/documents.js';
import { Intake } from '../../src/sync/intake.js';
import { FakeClock } from '../support/fake-clock.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { COMPILING } from '../support/store.js';
import { full, longText, patch, segmentFlag, updatedAt, versionOf, wireFlag, wireSegment } from '../support/wire.js';

let clock: FakeClock;
let store: FlagStore;
let logger: RecordingLogger;
let intake: Intake;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  store = new FlagStore();
  logger = new RecordingLogger();
  told = [];
  const documents = new HeldDocuments(store, false);
  intake = new Intake(store, documents, COMPILING, clock, new Log(logger, new FakeClock()), {
    committed: (changes, _isChanged, freshness) => {
      const how =
        freshness === undefined
          ? 'as before'
          : freshness.inSync
            ? freshness.isConfirmed
              ? 'in sync'
              : 'alive'
            : `${freshness.age} ms old`;
      told.push(`committed ${changes.eventType}: ${store.counts().flags} flags, ${how}`);
    },
    affected: (flagKeys) => told.push(`affected ${[...flagKeys].join()}`),
    confirmed: (isAnswer) => told.push(isAnswer ? 'confirmed' : 'alive'),
    interrupted: (error) => told.push(`interrupted ${error.code} ${error.message} ${error.at - clock.now()}`),
    failed: (error) => told.push(`failed ${error.code} ${error.message}`),
  });
});

/** An envelope that takes so many slices to decode. */
function long(key: string, slices: number): unknown {
  clock.costOfReading = 8;
  return full(Array.from({ length: slices }, (_, index) => wireFlag(`${key}${index}`)));
}

function seeded(...flags: readonly unknown[]) {
  const data = decodeDataSyncEnvelope(full(flags));
  if (!data.ok) throw new Error(data.problem);
  return data.value;
}

/** Takes in what came over a stream: it may be a push. */
function push(envelope: unknown, isRepeated = false, awaitsEverything = false): Promise<Commit | undefined> {
  const data = decodeDataSyncEnvelope(envelope);
  if (!data.ok) throw new Error(data.problem);
  const options = { mayBePush: true, awaitsEverything: () => awaitsEverything, isRepeated: () => isRepeated };
  return new Promise((done) => intake.take(data.value, { ...options, done }));
}

const versions = (key: string): number | undefined => {
  const version = store.flag(key)?.version;
  return version === undefined ? undefined : version - versionOf(0);
};

describe('an envelope', () => {
  it('is committed, then told, then the flags that it may have changed are', async () => {
    await expect(intake.accept(full([wireFlag('a'), wireFlag('b')]))).resolves.toBe(true);
    expect(told).toEqual(['committed full: 2 flags, in sync', 'affected a,b']);
  });

  it.each([
    ['text', (envelope: unknown) => JSON.stringify(envelope)],
    ['long text', longText],
    ['an object', (envelope: unknown) => envelope],
  ])('may come as %s', async (_name, form) => {
    const accepted = intake.accept(form(full([wireFlag('a')])));
    await clock.settle();
    await expect(accepted).resolves.toBe(true);
    expect(versions('a')).toBe(1);
  });

  it('counts although it is empty', async () => {
    await intake.accept(full());
    await intake.accept(patch());
    expect(told).toEqual([
      'committed full: 0 flags, in sync',
      'affected ',
      'committed patch: 0 flags, in sync',
      'affected ',
    ]);
  });

  it.each<[string, unknown]>([
    ['no JSON', 'MARKED'],
    ['no JSON, and long', longText('{"MARKED":')],
    ['another message, and long', longText({ messageType: 'pong', data: {} })],
    ['another message', { messageType: 'pong', data: {} }],
    ['an unknown event type', { messageType: 'data-sync', data: { ...full().data, eventType: 'MARKED' } }],
    ['nothing', undefined],
  ])('that is %s changes nothing and is told without being shown', async (_name, envelope) => {
    await intake.accept(full([wireFlag('a')]));
    const before = [...told];
    const accepted = intake.accept(envelope);
    await clock.settle();
    await expect(accepted).resolves.toBe(false);
    expect(told).toEqual(before);
    expect(versions('a')).toBe(1);
    expect(logger.codes('error')).toEqual(['bad-data-sync']);
    expect(logger.text).not.toContain('MARKED');
  });

  it('is taken in although entities of it are damaged; they are told by name', async () => {
    await intake.accept(
      full([wireFlag('a'), { ...wireFlag('b'), rules: 'MARKED' }, null], [wireSegment('s'), { id: 't' }]),
    );
    expect(told[0]).toBe('committed full: 1 flags, in sync');
    expect(logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'flag "b" was skipped: rules: expected an array, got string',
      'flag "#2" was skipped: expected an object, got null',
      expect.stringMatching(/^segment "t" was skipped: /),
    ]);
    expect(logger.text).not.toContain('MARKED');
  });
});

describe('envelopes', () => {
  it('that are long are decoded in slices, and committed in one step', async () => {
    const accepted = intake.accept(long('a', 20));
    expect(store.counts().flags).toBe(0);
    expect(told).toEqual([]);
    await clock.settle();
    await expect(accepted).resolves.toBe(true);
    expect(told[0]).toBe('committed full: 20 flags, in sync');
  });

  it('that come meanwhile are taken in afterwards, in their order', async () => {
    const order: string[] = [];
    const accept = (name: string, envelope: unknown): void => {
      void intake.accept(envelope).then((committed) => order.push(`${name} ${committed}`));
    };
    accept('long', long('a', 5));
    accept('newer', patch([wireFlag('a0', 'on', { updatedAt: updatedAt(2) })]));
    accept('bad', '{');
    accept('older', patch([wireFlag('a0', 'on', { updatedAt: updatedAt(1) })]));
    accept('empty', full());
    await clock.settle();
    expect(order.filter((line) => !line.startsWith('bad'))).toEqual([
      'long true',
      'newer true',
      'older true',
      'empty true',
    ]);
    expect(told.filter((line) => line.startsWith('committed'))).toEqual([
      'committed full: 5 flags, in sync',
      'committed patch: 5 flags, in sync',
      'committed patch: 5 flags, in sync',
      'committed full: 0 flags, in sync',
    ]);
  });

  it('that come when one has just been committed are taken in once each', async () => {
    const accepted: Promise<boolean>[] = [];
    accepted.push(intake.accept(long('a', 3)));
    await clock.settle();
    accepted.push(intake.accept(patch([wireFlag('b')])));
    accepted.push(intake.accept(patch([wireFlag('c')])));
    await clock.settle();
    await expect(Promise.all(accepted)).resolves.toEqual([true, true, true]);
    expect(told.filter((line) => line.startsWith('committed')).length).toBe(3);
    expect(store.counts().flags).toBe(5);
  });

  it('that are patches of a few flags are committed within the call, whatever time it is', async () => {
    await intake.accept(full([wireFlag('a')]));
    clock.costOfReading = 8;
    const few = intake.accept(patch(['b', 'c', 'd', 'e'].map((key) => wireFlag(key))));
    expect(told.at(-1)).toBe('affected b,c,d,e');
    const more = intake.accept(patch(['f', 'g', 'h', 'i', 'j'].map((key) => wireFlag(key))));
    const last = intake.accept(patch([wireFlag('k')]));
    expect(store.counts().flags).toBe(5);
    await clock.settle();
    await expect(Promise.all([few, more, last])).resolves.toEqual([true, true, true]);
    expect(store.counts().flags).toBe(11);
  });

  it.each([
    ['everything', full],
    ['a change', patch],
  ])('that come from within what is told of a commit of %s are taken in as well', async (_what, envelope) => {
    let again: Promise<boolean> | undefined;
    const reentrant = new Intake(store, new HeldDocuments(store, false), COMPILING, clock, new Log(undefined, clock), {
      committed: () => {
        again ??= reentrant.accept(patch([wireFlag('b')]));
      },
      affected: () => undefined,
      confirmed: () => undefined,
      interrupted: () => undefined,
      failed: () => undefined,
    });
    await reentrant.accept(envelope([wireFlag('a')]));
    await clock.settle();
    await expect(must(again)).resolves.toBe(true);
    expect(store.counts().flags).toBe(2);
  });
});

describe('the log', () => {
  it('has one line when the client is in sync, again after each interruption', async () => {
    await intake.accept(full([wireFlag('a')], [wireSegment('s')]));
    await intake.accept(patch());
    intake.confirm();
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    intake.confirm();
    expect(logger.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info in sync: 1 flags, 1 segments',
      'warn synchronization interrupted: gone',
      'info in sync: 1 flags, 1 segments',
    ]);
  });
});

describe('the cursor', () => {
  it('is 0 until the source has answered once, then the greatest version held', async () => {
    expect(intake.cursor).toBe(0);
    await intake.seed(seeded(wireFlag('a', 'on', { updatedAt: updatedAt(9) })), 1_000);
    expect(store.cursor).toBe(versionOf(9));
    expect(intake.cursor).toBe(0);
    await intake.accept(full([wireFlag('a', 'on', { updatedAt: updatedAt(5) })]));
    expect(intake.cursor).toBe(versionOf(5));
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    expect(intake.cursor).toBe(versionOf(5));
  });

  it('stays 0 after a patch that comes first: it may be a push that overtook the answer, and the rest would be lost', async () => {
    await intake.accept(patch([wireFlag('b', 'on', { updatedAt: updatedAt(9) })]));
    expect(store.cursor).toBe(versionOf(9));
    expect(intake.cursor).toBe(0);
    intake.confirm();
    expect(intake.cursor).toBe(versionOf(9));
  });

  it('counts an empty answer as one: what is held is what the source has', async () => {
    await intake.seed(seeded(wireFlag('a')), 1_000);
    intake.confirm();
    expect(intake.cursor).toBe(versionOf(1));
  });
});

describe('data of an earlier run', () => {
  it('serves until the source has answered, as old as it is', async () => {
    await expect(intake.seed(seeded(wireFlag('a')), 60_000)).resolves.toBe(true);
    expect(told[0]).toBe('committed full: 1 flags, 60000 ms old');
    await intake.accept(full());
    expect(told).toContain('committed full: 0 flags, in sync');
  });

  it('is not taken in when what is held is newer, from a bootstrap', async () => {
    store.commit(compileDataSyncNow(seeded(wireFlag('a', 'on', { updatedAt: updatedAt(5) })), COMPILING).changes);
    await expect(intake.seed(seeded(wireFlag('a', 'on', { updatedAt: updatedAt(4) })), 0)).resolves.toBe(false);
    expect([versions('a'), told]).toEqual([5, []]);
    await expect(intake.seed(seeded(wireFlag('b', 'on', { updatedAt: updatedAt(5) })), 0)).resolves.toBe(true);
    expect(versions('b')).toBe(5);
  });

  it('comes too late when the source was faster', async () => {
    await intake.accept(full([wireFlag('a', 'on', { updatedAt: updatedAt(1) })]));
    await expect(intake.seed(seeded(wireFlag('a', 'on', { updatedAt: updatedAt(9) }), wireFlag('b')), 0)).resolves.toBe(
      false,
    );
    expect(versions('a')).toBe(1);
    expect(versions('b')).toBeUndefined();
  });

  it('comes too late when the source answered while it was decoded', async () => {
    const answer = intake.accept(long('a', 3));
    const kept = intake.seed(seeded(wireFlag('kept')), 0);
    await clock.settle();
    await expect(Promise.all([answer, kept])).resolves.toEqual([true, false]);
    expect(versions('kept')).toBeUndefined();
  });

  it('is not taken in after the end', async () => {
    intake.close();
    await expect(intake.seed(seeded(wireFlag('a')), 0)).resolves.toBe(false);
    expect(store.counts().flags).toBe(0);
  });
});

describe('confirmations and interruptions', () => {
  it('are passed on, with the time of the error, and told', () => {
    intake.confirm();
    intake.interrupted({ code: 'interrupted', message: 'the connection ended' });
    expect(told).toEqual(['confirmed', 'interrupted interrupted the connection ended 0']);
    expect(intake.interruptions).toBe(1);
    expect(logger.codes('warn')).toEqual(['interrupted']);
  });

  it('do not overtake data that is being decoded', async () => {
    void intake.accept(long('a', 5));
    intake.confirm();
    expect(told).toEqual([]);
    await clock.settle();
    expect(told[0]).toBe('committed full: 5 flags, in sync');
  });

  it('make data that was decoded meanwhile no longer current', async () => {
    void intake.accept(long('a', 5));
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    await clock.settle();
    expect(told[1]).toBe('committed full: 5 flags, 0 ms old');
  });

  it('make only what came before them old', async () => {
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    await intake.accept(full());
    expect(told[1]).toBe('committed full: 0 flags, in sync');
  });
});

describe('a push before the first answer', () => {
  const old = (key: string) => wireFlag(key, 'on', { updatedAt: updatedAt(1) });
  const newer = (key: string) => wireFlag(key, 'on', { updatedAt: updatedAt(9) });

  it('is taken in, but is neither in sync nor seen: it is not the whole', async () => {
    await push(patch([newer('a')]));
    expect(told).toEqual(['committed patch: 1 flags, as before']);
    expect([versions('a'), intake.cursor]).toEqual([9, 0]);
    expect(logger.codes()).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['a full message', full([old('b')]), 'affected b,a'],
    ['an empty patch', patch(), 'affected a'],
  ])('is seen with %s', async (_name, answer, affected) => {
    await push(patch([newer('a')]));
    await push(answer);
    expect(told[1]).toMatch(/in sync$/);
    expect(told.slice(2)).toContain(affected);
  });

  it('is seen once the source is known to be in order', async () => {
    await push(patch([newer('a')]));
    await push(patch([newer('b')]));
    intake.current();
    expect(told.slice(2)).toEqual(['alive', 'affected a,b']);
    await push(patch([newer('c')]));
    expect(told.slice(4)).toEqual(['committed patch: 3 flags, alive', 'affected c']);
    // It is not known to be the whole: the next connection asks for everything.
    expect(intake.cursor).toBe(0);
  });

  it('changes at once what a bootstrap serves, which stays as old as it is', async () => {
    intake.give(seeded(old('a')), { inSync: false, age: undefined });
    await push(patch([newer('a')]));
    expect(told).toEqual([
      'committed full: 1 flags, undefined ms old',
      'affected a',
      'committed patch: 1 flags, as before',
      'affected a',
    ]);
  });

  it('is not undone by what an earlier run saved', async () => {
    await push(patch([newer('a'), newer('c')]));
    await expect(intake.seed(seeded(old('a'), old('b')), 500)).resolves.toBe(true);
    expect([versions('a'), versions('b'), versions('c')]).toEqual([9, 1, 9]);
    expect(told.slice(1)).toEqual(['committed patch: 3 flags, 500 ms old', 'affected b', 'affected a,c,b']);
  });

  it('is no matter later: after an answer changes are in sync, but make the rest no younger', async () => {
    await push(full([old('a')]));
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    await push(patch([newer('a')]));
    expect(told.at(-2)).toBe('committed patch: 1 flags, alive');
  });

  it('of a connection on which everything was asked for leaves what is held as stale as it is', async () => {
    await push(full([old('a')]));
    intake.interrupted({ code: 'interrupted', message: 'gone' });
    await push(patch([newer('a')]), false, true);
    expect(told.slice(-2)).toEqual(['committed patch: 1 flags, as before', 'affected a']);
    await push(full([newer('a')]), false, true);
    expect(told.at(-2)).toBe('committed full: 1 flags, in sync');
  });
});

describe('data that was asked for once more', () => {
  const envelope = (...keys: string[]) => full(keys.map((key) => wireFlag(key)));

  it('is told only where it differs', async () => {
    await push(envelope('a', 'b', 'c'));
    const commit = await push(full([wireFlag('a'), wireFlag('b', 'other'), wireFlag('d')]), true);
    expect(told.at(-1)).toBe('affected b,d,c');
    expect(
      commit?.differences.map(({ key, before, after }) => [key, before !== undefined, after !== undefined]),
    ).toEqual([
      ['b', true, true],
      ['d', false, true],
      ['c', true, false],
    ]);
  });

  it('shows whether some of it was held in the same version: that is never pushed', async () => {
    await push(full([wireFlag('a'), wireFlag('b')]));
    const at = (key: string, version: number) => wireFlag(key, 'on', { updatedAt: updatedAt(version) });
    const repeats = async (...flags: readonly unknown[]) => (await push(patch(flags), true))?.repeats;
    await expect(repeats(at('a', 5), at('new', 2))).resolves.toBe(false);
    await expect(repeats(at('a', 5), at('b', 7))).resolves.toBe(true);
    await expect(repeats(at('a', 4))).resolves.toBe(false);
  });

  it('needs no compiling where it says the same, in the same version', async () => {
    await push(envelope('a', 'b'));
    const before = [store.flag('a'), store.flag('b')];
    await push(full([wireFlag('a'), wireFlag('b', 'other')]), true);
    expect(store.flag('a')).toBe(before[0]);
    expect(store.flag('b')).not.toBe(before[1]);
  });

  it('is no news in a newer version that says the same; the version counts all the same', async () => {
    await push(envelope('a'));
    const commit = await push(patch([wireFlag('a', 'on', { updatedAt: updatedAt(7) })]), true);
    expect([told.at(-1), commit?.differences, versions('a')]).toEqual(['affected ', [], 7]);
  });

  it('tells of the flags that use a segment that differs', async () => {
    await push(full([segmentFlag('a', ['s']), wireFlag('b')], [wireSegment('s')]));
    await push(full([segmentFlag('a', ['s']), wireFlag('b')], [wireSegment('s', ['ada'])]), true);
    expect(told.at(-1)).toBe('affected a');
  });

  it('and a full message that was not are alike: both are told only where they differ', async () => {
    await push(envelope('a', 'b'));
    await push(full([wireFlag('a'), wireFlag('b', 'other')]));
    expect(told.at(-1)).toBe('affected b');
  });

  it('is told where the version is newer, when it is a change that was pushed', async () => {
    await push(envelope('a'));
    await push(patch([wireFlag('a', 'on', { updatedAt: updatedAt(7) })]));
    expect(told.at(-1)).toBe('affected a');
  });
});

describe('a refusal', () => {
  const refusal = { code: 'rejected', message: 'refused' } as const;

  it('is not the end: what comes later is taken in', async () => {
    intake.failed(refusal);
    await intake.accept(full([wireFlag('a')]));
    expect(told).toEqual(['failed rejected refused', 'committed full: 1 flags, in sync', 'affected a']);
  });

  it('has one error line, whatever fails until the client is let in again', async () => {
    for (let round = 0; round < 3; round++) {
      intake.failed(refusal);
      intake.interrupted({ code: 'connect-failed', message: 'nobody there' });
    }
    await intake.accept(full());
    intake.failed(refusal);
    expect(logger.entries.filter(({ level }) => level === 'error' || level === 'warn').length).toBe(2);
    expect(logger.codes('error')).toEqual(['rejected', 'rejected']);
    expect(intake.interruptions).toBe(7);
  });

  it('makes data that was decoded meanwhile no longer current', async () => {
    void intake.accept(long('a', 5));
    intake.failed(refusal);
    await clock.settle();
    expect(told[1]).toBe('committed full: 5 flags, 0 ms old');
  });
});

describe('healing', () => {
  it('is counted, and warned about once', () => {
    intake.asked();
    intake.asked();
    intake.repaired(3);
    intake.repaired(1);
    expect(intake.healing).toEqual({ requests: 2, repaired: 4 });
    expect(logger.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn a repeated request for data put 3 flags and segments right that the server had not sent',
      'info a repeated request for data put 1 flags and segments right that the server had not sent',
    ]);
  });
});

describe('closing', () => {
  it('abandons what is being decoded and what waits', async () => {
    const pending = [intake.accept(long('a', 50)), intake.accept(patch([wireFlag('b')]))];
    intake.close();
    await clock.settle();
    await expect(Promise.all(pending)).resolves.toEqual([false, false]);
    expect(store.counts().flags).toBe(0);
    expect(told).toEqual([]);
  });

  it.each([
    ['everything', full],
    ['a change', patch],
  ])('from within what is told of a commit of %s ends it: who waits for it is called once', async (_what, envelope) => {
    const ends: (Commit | undefined)[] = [];
    const closing = new Intake(store, new HeldDocuments(store, false), COMPILING, clock, new Log(undefined, clock), {
      committed: () => closing.close(),
      affected: () => undefined,
      confirmed: () => undefined,
      interrupted: () => undefined,
      failed: () => undefined,
    });
    const data = decodeDataSyncEnvelope(envelope([wireFlag('a')]));
    if (!data.ok) throw new Error(data.problem);
    for (let time = 0; time < 2; time++) {
      closing.take(data.value, { mayBePush: false, done: (commit) => ends.push(commit) });
    }
    await clock.settle();
    expect(ends).toEqual([undefined, undefined]);
  });

  it('is the end: nothing is taken in or passed on from there on', async () => {
    await intake.accept(full([wireFlag('a')]));
    intake.close();
    const before = [...told];
    await expect(intake.accept(full())).resolves.toBe(false);
    await expect(push(full())).resolves.toBeUndefined();
    intake.confirm();
    intake.current();
    intake.repaired(1);
    intake.interrupted({ code: 'interrupted', message: 'x' });
    intake.failed({ code: 'rejected', message: 'x' });
    expect(told).toEqual(before);
    expect(versions('a')).toBe(1);
  });
});

describe('a long text', () => {
  it('is read when its turn comes, in slices, and what comes after it waits', async () => {
    clock.costOfReading = 8;
    const first = intake.accept(full([wireFlag('a', 'first')]));
    const long = intake.accept(longText(full([wireFlag('a', 'second'), wireFlag('b')])));
    const after = intake.accept(patch([wireFlag('b', 'third', { updatedAt: updatedAt(2) })]));
    clock.busy = true;
    await clock.settle();
    expect(told.filter((line) => line.startsWith('committed'))).toEqual([]);
    clock.busy = false;
    await clock.settle();
    await expect(Promise.all([first, long, after])).resolves.toEqual([true, true, true]);
    expect(told.filter((line) => line.startsWith('committed'))).toEqual([
      'committed full: 1 flags, in sync',
      'committed full: 2 flags, in sync',
      'committed patch: 2 flags, in sync',
    ]);
    expect(versions('b')).toBe(2);
  });

  it('is not read at all once the client is closed', async () => {
    const long = intake.accept(longText(full([wireFlag('a')])));
    intake.close();
    await clock.settle();
    await expect(long).resolves.toBe(false);
    expect(told).toEqual([]);
  });
});

describe('a message that cannot be taken in because of a fault of the SDK’s own', () => {
  const THROWS_LATE: ProxyHandler<unknown[]> = {
    get: (target, name) => {
      if (name === '1') throw new RangeError('MARKED');
      return Reflect.get(target, name);
    },
  };

  const broken: Omit<DataSync, 'eventType'> = {
    featureFlags: new Proxy<unknown[]>([wireFlag('a'), wireFlag('b')], THROWS_LATE),
    segments: [],
  };
  const taken = (data: DataSync): Promise<boolean> => {
    return new Promise((resolve) => {
      intake.take(data, { mayBePush: false, done: (commit) => resolve(commit !== undefined) });
    });
  };

  it.each<[DataSync['eventType'], number]>([
    ['full', 0],
    ['full', 8],
    ['patch', 0],
  ])(
    'is lost alone, and says so; what waits behind it is taken in (%s, reading costs %d ms)',
    async (eventType, cost) => {
      clock.costOfReading = cost;
      const results = Promise.all([taken({ ...broken, eventType }), intake.accept(full([wireFlag('next')]))]);
      await clock.settle();
      await expect(results).resolves.toEqual([false, true]);
      expect(store.counts().flags).toBe(1);
      expect(logger.codes('error')).toEqual(['internal-error']);
      expect(logger.text).not.toContain('MARKED');
    },
  );
});
