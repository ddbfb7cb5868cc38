import { beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../src/evaluation/evaluator.js';
import { type JsonValue, Variation } from '../../src/flags/variation.js';
import { Log } from '../../src/runtime/log.js';
import { Notifier } from '../../src/runtime/notifier.js';
import { ListenerTracker } from '../../src/tracker/flag-tracker.js';
import { FakeClock } from '../support/fake-clock.js';
import { THROWING_USERS } from '../support/odd-users.js';
import { RecordingLogger } from '../support/recording-logger.js';

let clock: FakeClock;
let logger: RecordingLogger;
let tracker: ListenerTracker;
let values: Map<string, string>;
let readBy: unknown[];
let told: unknown[];

beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  values = new Map([['flag', 'one']]);
  readBy = [];
  told = [];
  tracker = new ListenerTracker(new Notifier(clock, new Log(logger, clock)), { read });
});

/** What an evaluation would give: the flag's value, or the default 'none'. */
function read(flagKey: string, user: unknown): Reading {
  readBy.push(user);
  const value = values.get(flagKey);
  return value === undefined
    ? { variation: undefined, value: 'none' }
    : { variation: new Variation(`v-${value}`, value), value };
}

async function commit(...flagKeys: string[]): Promise<void> {
  tracker.notify(new Set(flagKeys));
  await clock.settle();
}

const tell = (...what: unknown[]): void => {
  told.push(what);
};

describe('a listener to changed flags', () => {
  it('is told each flag of a commit, in order, afterwards', async () => {
    tracker.addFlagChangedListener(({ flagKey }) => tell(flagKey));
    tracker.notify(new Set(['b', 'a']));
    expect(told).toEqual([]);
    await clock.settle();
    await commit('a');
    expect(told).toEqual([['b'], ['a'], ['a']]);
  });

  it('is told of no evaluation: it costs none', async () => {
    tracker.addFlagChangedListener(() => undefined);
    await commit('flag');
    expect(readBy).toEqual([]);
  });
});

describe('a listener to a flag that may have changed', () => {
  it('is told the user’s value each time, of its flag only', async () => {
    tracker.addFlagValueMaybeChangedListener('flag', { key: 'ada' }, tell);
    await commit('other');
    await commit('flag');
    values.set('flag', 'two');
    await commit('other', 'flag');
    values.delete('flag');
    await commit('flag');
    expect(told).toEqual([
      ['flag', 'one'],
      ['flag', 'two'],
      ['flag', 'none'],
    ]);
  });

  it('is told the value of the moment when it is called', async () => {
    tracker.addFlagValueMaybeChangedListener('flag', { key: 'ada' }, tell);
    tracker.notify(new Set(['flag']));
    values.set('flag', 'later');
    await clock.settle();
    expect(told).toEqual([['flag', 'later']]);
  });
});

describe('a listener to a changed value', () => {
  beforeEach(() => {
    tracker.addFlagValueChangedListener('flag', { key: 'ada' }, tell);
  });

  it('is told the value before and after, and nothing where both are the same', async () => {
    await commit('flag');
    expect(told).toEqual([]);
    values.set('flag', 'two');
    await commit('flag');
    await commit('flag');
    values.set('flag', 'one');
    await commit('flag');
    expect(told).toEqual([
      ['flag', 'one', 'two'],
      ['flag', 'two', 'one'],
    ]);
  });

  it('is told when the flag goes and when it comes back', async () => {
    values.delete('flag');
    await commit('flag');
    await commit('flag');
    values.set('flag', 'one');
    await commit('flag');
    expect(told).toEqual([
      ['flag', 'one', 'none'],
      ['flag', 'none', 'one'],
    ]);
  });

  it('is not told when another variation has the same value', async () => {
    const same = new ListenerTracker(new Notifier(clock, new Log(logger, clock)), {
      read: () => ({ variation: new Variation(`v-${readBy.push(1)}`, 'same'), value: 'same' }),
    });
    same.addFlagValueChangedListener('flag', { key: 'ada' }, tell);
    same.notify(new Set(['flag']));
    await clock.settle();
    expect(told).toEqual([]);
  });

  const variation = (text: string, value: JsonValue): Reading => ({ variation: new Variation('v', text), value });
  const fallback = (value: JsonValue | undefined): Reading => ({ variation: undefined, value });
  const shared = { colour: 'red' };

  it.each<[string, Reading, Reading, boolean]>([
    ['a text that becomes a number', variation('5', '5'), variation('5', 5), true],
    ['a number that is written another way', variation('5', 5), variation('5.0', 5), false],
    ['a boolean that is written another way', variation('true', true), variation('TRUE', true), false],
    ['a value that becomes the same default', variation('x', 'x'), fallback('x'), false],
    ['a value that becomes none', variation('x', 'x'), fallback(undefined), true],
    ['JSON of the same text', variation('{"a":1}', { a: 1 }), variation('{"a":1}', { a: 1 }), false],
    ['JSON of another text', variation('{"a":1}', { a: 1 }), variation('{"a":2}', { a: 2 }), true],
    ['JSON that becomes null', variation('{"a":1}', { a: 1 }), variation('null', null), true],
    ['JSON that becomes a text of the same letters', variation('[1]', [1]), variation('[1]', '[1]'), true],
    ['a default that stays', fallback(shared), fallback(shared), false],
    ['a default that becomes JSON', fallback(shared), variation('{"colour":"red"}', { colour: 'red' }), true],
  ])('takes for a change what the application sees: %s', async (_name, before, after, change) => {
    let reading = before;
    const own = new ListenerTracker(new Notifier(clock, new Log(logger, clock)), { read: () => reading });
    own.addFlagValueChangedListener('flag', { key: 'ada' }, tell);
    reading = after;
    own.notify(['flag']);
    await clock.settle();
    expect(told).toEqual(change ? [['flag', before.value, after.value]] : []);
  });

  it('is told once for changes that came together', async () => {
    values.set('flag', 'two');
    tracker.notify(new Set(['flag']));
    values.set('flag', 'three');
    tracker.notify(new Set(['flag']));
    await clock.settle();
    expect(told).toEqual([['flag', 'one', 'three']]);
  });
});

describe('the user of a listener', () => {
  it('is the one of the moment when the listener was added', async () => {
    const user = { key: 'ada', country: 'NL' };
    tracker.addFlagValueMaybeChangedListener('flag', user, tell);
    user.country = 'BE';
    await commit('flag');
    expect(readBy).toEqual([{ key: 'ada', country: 'NL' }]);
  });

  it.each(THROWING_USERS)('may throw: %s', async (_name, user) => {
    tracker.addFlagValueMaybeChangedListener('flag', user as { key: string }, tell);
    tracker.addFlagValueChangedListener('flag', user as { key: string }, tell);
    await commit('flag');
    expect(told).toEqual([['flag', 'one']]);
  });

  it.each([undefined, null, 'ada', 5, ['ada']])(
    'that cannot be used reaches the evaluation as no user, which it refuses: %j',
    async (user) => {
      tracker.addFlagValueMaybeChangedListener('flag', user as never, tell);
      await commit('flag');
      expect(readBy).toEqual([undefined]);
    },
  );
});

describe('listeners', () => {
  const kinds = {
    addFlagChangedListener: (name: string) => tracker.addFlagChangedListener(() => tell(name)),
    addFlagValueMaybeChangedListener: (name: string) =>
      tracker.addFlagValueMaybeChangedListener('flag', { key: 'ada' }, () => tell(name)),
    addFlagValueChangedListener: (name: string) =>
      tracker.addFlagValueChangedListener('flag', { key: 'ada' }, () => tell(name)),
  };

  describe.each(Object.entries(kinds))('by %s', (_kind, add) => {
    it('are told nothing once they are removed, not even what was on its way; removing twice is no fault', async () => {
      const remove = add('first');
      add('second');
      values.set('flag', 'two');
      tracker.notify(new Set(['flag']));
      remove();
      remove();
      await clock.settle();
      expect(told).toEqual([['second']]);
    });

    it('can be added again after all were removed', async () => {
      add('gone')();
      add('new');
      values.set('flag', 'two');
      await commit('flag');
      expect(told).toEqual([['new']]);
    });

    it('are told no changes that were before them', async () => {
      values.set('flag', 'two');
      tracker.notify(new Set(['flag']));
      add('late');
      await clock.settle();
      expect(told).toEqual([]);
    });
  });

  it('of one change are called in the order of the flags, and of all before of one', async () => {
    tracker.addFlagValueMaybeChangedListener('a', { key: 'ada' }, (flagKey) => tell('one', flagKey));
    tracker.addFlagChangedListener(({ flagKey }) => tell('all', flagKey));
    await commit('a', 'b');
    expect(told).toEqual([
      ['all', 'a'],
      ['one', 'a'],
      ['all', 'b'],
    ]);
  });

  it('do not disturb each other when one fails', async () => {
    tracker.addFlagChangedListener(() => {
      throw new Error('MARKED');
    });
    tracker.addFlagChangedListener((() => Promise.reject(new Error('MARKED'))) as () => void);
    tracker.addFlagChangedListener(undefined as never);
    tracker.addFlagChangedListener(({ flagKey }) => tell(flagKey));
    await commit('flag');
    expect(told).toEqual([['flag']]);
    expect(logger.codes()).toEqual(['listener-failed', 'listener-failed', 'listener-failed']);
    expect(logger.text).not.toContain('MARKED');
  });

  it('that nobody added cost a commit nothing', async () => {
    await commit('flag');
    expect(clock.timers()).toBe(0);
    expect(readBy).toEqual([]);
  });
});
