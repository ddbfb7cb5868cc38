import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Log } from '../../src/runtime/log.js';
import { Notifier } from '../../src/runtime/notifier.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLogger } from '../support/recording-logger.js';

let clock: FakeClock;
let logger: RecordingLogger;
let notifier: Notifier;
let called: unknown[];
beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  notifier = new Notifier(clock, new Log(logger, clock));
  called = [];
});

const post = (...names: unknown[]): void => {
  for (const name of names) notifier.post('a listener', () => called.push(name));
};

describe('the application’s listeners', () => {
  it('are not called in the step that made the change', async () => {
    post('a');
    expect(called).toEqual([]);
    expect(notifier.backlog).toBe(1);
    await clock.settle();
    expect(called).toEqual(['a']);
    expect(notifier.backlog).toBe(0);
  });

  it('are called in order, those that are posted meanwhile at the end', async () => {
    notifier.post('a listener', () => {
      called.push('a');
      post('c');
    });
    post('b');
    await clock.settle();
    expect(called).toEqual(['a', 'b', 'c']);
  });

  it('are called in slices: a long row of them holds nobody up', async () => {
    clock.costOfReading = 1;
    post(...Array.from({ length: 20 }, (_, index) => index));
    await Promise.resolve();
    expect(called.length).toBe(8);
    expect(notifier.backlog).toBe(12);
    await clock.settle();
    expect(called.length).toBe(20);
    expect(notifier.backlog).toBe(0);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new TypeError('MARKED');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('MARKED'))],
  ])('do not disturb each other when one %s: it is told without its message', async (_name, run) => {
    notifier.post('a flag listener', run);
    post('b');
    await clock.settle();
    expect(called).toEqual(['b']);
    expect(logger.entries).toEqual([
      { level: 'warn', message: 'a flag listener failed with TypeError', fields: { code: 'listener-failed' } },
    ]);
  });

  it('that are slow by promises hold nobody up', async () => {
    notifier.post('a listener', () => new Promise(() => undefined));
    post('b');
    await clock.settle();
    expect(called).toEqual(['b']);
  });

  it('are kept up to a million calls; what is more is dropped and told', async () => {
    for (let call = 0; call < 1_000_002; call++) notifier.post('a listener', () => undefined);
    expect(notifier.backlog).toBe(1_000_000);
    expect(logger.codes()).toEqual(['listeners-too-slow', 'listeners-too-slow']);
    await clock.settle();
    expect(notifier.backlog).toBe(0);
  });

  it('that always have something to do do not count for what is done', async () => {
    let left = 1_000_002;
    const again = (): void => {
      left -= 1;
      if (left > 0) notifier.post('a listener', again);
    };
    again();
    await clock.settle();
    expect(left).toBe(0);
    expect(notifier.backlog).toBe(0);
    expect(logger.codes()).toEqual([]);
  });
});

describe('waiting for the listeners', () => {
  it('is over at once when none is due', async () => {
    await expect(notifier.idle()).resolves.toBeUndefined();
  });

  it('is over when all were called, those that came meanwhile included', async () => {
    clock.costOfReading = 5;
    post(1, 2, 3, 4, 5);
    const idle = notifier.idle().then(() => called.push('idle'));
    await clock.settle();
    await idle;
    expect(called).toEqual([1, 2, 3, 4, 5, 'idle']);
  });

  it('comes to an end under fake timers', async () => {
    vi.useFakeTimers({ toFake: ['queueMicrotask', 'setImmediate', 'setTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    post('a');
    await notifier.idle();
    expect(called).toEqual(['a']);
  });

  it('can be had again', async () => {
    for (const round of [1, 2]) {
      post(round);
      const idle = notifier.idle();
      await clock.settle();
      await idle;
    }
    expect(called).toEqual([1, 2]);
  });
});

describe('closing', () => {
  it('drops what was not called, and nothing is called from there on', async () => {
    clock.costOfReading = 5;
    post('a', 'b', 'c', 'd');
    await Promise.resolve();
    const before = [...called];
    notifier.close();
    post('e');
    await clock.settle();
    expect(called).toEqual(before);
    expect(called).not.toContain('d');
    expect(notifier.backlog).toBe(0);
    await expect(notifier.idle()).resolves.toBeUndefined();
  });
});
