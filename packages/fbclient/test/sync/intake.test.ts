import { beforeEach, describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/core.js';
import { FlagStore } from '../../src/flags/store.js';
import { decodeDataSyncEnvelope } from '../../src/protocol/messages.js';
import { Log } from '../../src/runtime/log.js';
import { Intake } from '../../src/sync/intake.js';
import { FakeClock } from '../support/fake-clock.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { COMPILING } from '../support/store.js';
import { full, patch, updatedAt, versionOf, wireFlag, wireSegment } from '../support/wire.js';

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
  intake = new Intake(store, COMPILING, clock, new Log(logger, new FakeClock()), {
    committed: (changes, freshness) => {
      const how = freshness.inSync ? 'in sync' : `${freshness.age} ms old`;
      told.push(`committed ${changes.eventType}: ${store.counts().flags} flags, ${how}`);
    },
    affected: (flagKeys) => told.push(`affected ${[...flagKeys].join()}`),
    confirmed: () => told.push('confirmed'),
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
    ['an object', (envelope: unknown) => envelope],
  ])('may come as %s', async (_name, form) => {
    await expect(intake.accept(form(full([wireFlag('a')])))).resolves.toBe(true);
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
    ['another message', { messageType: 'pong', data: {} }],
    ['an unknown event type', { messageType: 'data-sync', data: { ...full().data, eventType: 'MARKED' } }],
    ['nothing', undefined],
  ])('that is %s changes nothing and is told without being shown', async (_name, envelope) => {
    await intake.accept(full([wireFlag('a')]));
    const before = [...told];
    await expect(intake.accept(envelope)).resolves.toBe(false);
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

  it('that come from within what is told of a commit are taken in as well', async () => {
    let again: Promise<boolean> | undefined;
    const reentrant = new Intake(store, COMPILING, clock, new Log(undefined, clock), {
      committed: () => {
        again ??= reentrant.accept(patch([wireFlag('b')]));
      },
      affected: () => undefined,
      confirmed: () => undefined,
      interrupted: () => undefined,
      failed: () => undefined,
    });
    await reentrant.accept(full([wireFlag('a')]));
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
    store.commit(compileDataSyncNow(seeded(wireFlag('a', 'on', { updatedAt: updatedAt(5) })), 'no-match').changes);
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

describe.each<[string, () => void]>([
  ['closing', () => intake.close()],
  ['a failure for good', () => intake.failed({ code: 'rejected', message: 'refused' })],
])('%s', (name, end) => {
  it('abandons what is being decoded and what waits', async () => {
    const pending = [intake.accept(long('a', 50)), intake.accept(patch([wireFlag('b')]))];
    end();
    await clock.settle();
    await expect(Promise.all(pending)).resolves.toEqual([false, false]);
    expect(store.counts().flags).toBe(0);
    expect(told.filter((line) => line.startsWith('committed'))).toEqual([]);
  });

  it('is the end: nothing is taken in or passed on from there on', async () => {
    await intake.accept(full([wireFlag('a')]));
    end();
    const before = [...told];
    await expect(intake.accept(full())).resolves.toBe(false);
    intake.confirm();
    intake.interrupted({ code: 'interrupted', message: 'x' });
    intake.failed({ code: 'rejected', message: 'x' });
    expect(told).toEqual(before);
    expect(told.filter((line) => line.startsWith('failed'))).toEqual(
      name === 'closing' ? [] : ['failed rejected refused'],
    );
    expect(versions('a')).toBe(1);
  });
});
