import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contain, errorName } from '../../src/runtime/contain.js';
import { consoleLogger, Log, type Logger, type LogLevel } from '../../src/runtime/log.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLogger } from '../support/recording-logger.js';

let clock: FakeClock;
let logger: RecordingLogger;
let log: Log;
beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  log = new Log(logger, clock);
});

const messages = (): string[] => logger.entries.map(({ message }) => message);

describe('the log', () => {
  it('writes the message, with its code and what else is known as fields', () => {
    log.write('warn', 'some-code', 'a message', { kind: 'flag' });
    expect(logger.entries).toEqual([
      { level: 'warn', message: 'a message', fields: { code: 'some-code', kind: 'flag' } },
    ]);
  });

  it('writes nothing and starts no timer without a logger, and does not make the message', () => {
    const silent = new Log(undefined, clock);
    silent.write('error', 'some-code', () => expect.fail('the message was made'));
    silent.close();
    expect(clock.timers()).toBe(0);
  });

  it('writes five messages of a code a minute, counts the rest, and sums them up', async () => {
    for (let number = 1; number <= 1_000; number++) log.write('error', 'flood', `message ${number}`);
    expect(messages()).toEqual(['message 1', 'message 2', 'message 3', 'message 4', 'message 5']);
    await clock.advance(60_000);
    expect(logger.entries.at(-1)).toEqual({
      level: 'error',
      message: '995 more of the same (flood)',
      fields: { code: 'flood', repeated: 995 },
    });
    log.write('error', 'flood', 'a new minute');
    expect(messages().at(-1)).toBe('a new minute');
  });

  it('does not make messages that it only counts', () => {
    for (let number = 0; number < 5; number++) log.write('error', 'flood', 'written');
    log.write('error', 'flood', () => expect.fail('the message was made'));
  });

  it('has nothing to sum up when all was written', async () => {
    log.write('error', 'rare', 'once');
    await clock.advance(60_000);
    expect(messages()).toEqual(['once']);
    expect(clock.timers()).toBe(0);
  });

  it('counts each code for itself', () => {
    for (let number = 0; number < 10; number++) {
      log.write('warn', 'a', 'a');
      log.write('warn', 'b', 'b');
    }
    expect(messages().join('')).toBe('ababababab');
  });

  it('counts each flag for itself, so that a noisy one hides no other, and names it in the sum', async () => {
    for (let number = 0; number < 10; number++) log.write('warn', 'fails', 'noisy', { flagKey: 'noisy' });
    log.write('warn', 'fails', 'quiet', { flagKey: 'quiet' });
    log.write('warn', 'fails', 'of no flag');
    expect(messages()).toEqual(['noisy', 'noisy', 'noisy', 'noisy', 'noisy', 'quiet', 'of no flag']);
    expect(logger.entries[5]?.fields).toEqual({ code: 'fails', flagKey: 'quiet' });
    await clock.advance(60_000);
    expect(logger.entries.slice(7)).toEqual([
      {
        level: 'warn',
        message: '5 more of the same (fails, flag "noisy")',
        fields: { code: 'fails', flagKey: 'noisy', repeated: 5 },
      },
    ]);
  });

  it('counts twenty flags for themselves and all others together, so that what is written and kept is bounded', async () => {
    for (let round = 0; round < 10; round++) {
      for (let flag = 0; flag < 1_000; flag++) log.write('warn', 'fails', `flag ${flag}`, { flagKey: `flag ${flag}` });
    }
    expect(logger.entries.length).toBe(21 * 5);
    expect(clock.timers()).toBe(21);
    await clock.advance(60_000);
    expect(logger.entries.length).toBe(21 * 6);
    expect(logger.entries.at(-1)).toEqual({
      level: 'warn',
      message: '9795 more of the same (fails)',
      fields: { code: 'fails', repeated: 9_795 },
    });
    expect(clock.timers()).toBe(0);
    log.write('warn', 'fails', 'a new minute', { flagKey: 'flag 999' });
    expect(messages().at(-1)).toBe('a new minute');
  });

  it('tells what was counted when it is closed, and leaves no timer', () => {
    for (let number = 0; number < 7; number++) log.write('warn', 'flood', 'message');
    log.close();
    expect(messages().at(-1)).toBe('2 more of the same (flood)');
    expect(clock.timers()).toBe(0);
  });

  it('writes nothing once it is closed, then or later', async () => {
    log.close();
    for (let number = 0; number < 7; number++) log.write('warn', 'flood', 'message');
    expect(clock.timers()).toBe(0);
    await clock.advance(60_000);
    expect(messages()).toEqual([]);
  });

  it.each<[string, unknown]>([
    [
      'throws',
      () => {
        throw new Error('the logger is broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the logger is broken'))],
    [
      'returns what throws when it is looked at',
      () =>
        new Proxy(
          {},
          {
            has: () => {
              throw new Error('x');
            },
          },
        ),
    ],
  ])('does not mind a logger that %s', async (_name, broken) => {
    const logger = { debug: broken, info: broken, warn: broken, error: broken } as Logger;
    const fragile = new Log(logger, clock);
    expect(() => fragile.write('error', 'some-code', 'message')).not.toThrow();
    await clock.settle();
  });

  it('calls the logger as a method, so that it may be an object with a state', () => {
    class Counting extends RecordingLogger {
      count = 0;
      override info(): void {
        this.count += 1;
      }
    }
    const counting = new Counting();
    new Log(counting, clock).write('info', 'some-code', 'message');
    expect(counting.count).toBe(1);
  });
});

describe('the console logger', () => {
  const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(LEVELS)('writes from the level %s on, each with the console’s method of its name', (least) => {
    const written: string[] = [];
    for (const level of LEVELS) vi.spyOn(console, level).mockImplementation(() => written.push(level));
    const logger = consoleLogger(least);
    for (const level of LEVELS) logger[level]('message');
    expect(written).toEqual(LEVELS.slice(LEVELS.indexOf(least)));
  });

  it('writes from info on unless told otherwise, with the fields behind the message', () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
    const logger = consoleLogger();
    logger.debug('nothing');
    logger.info('plain');
    logger.info('with fields', { code: 'x' });
    expect(debug).not.toHaveBeenCalled();
    expect(info.mock.calls).toEqual([['[fbclient] plain'], ['[fbclient] with fields', { code: 'x' }]]);
  });
});

describe('calling the application’s code', () => {
  type Then = (done: () => void, failed: (error: Error) => void) => void;
  const thenable = (then: Then): unknown => Object.fromEntries([['then', then]]);

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
    ['gives a thenable that rejects', () => thenable((_done, failed) => failed(new Error('x')))],
    [
      'gives a thenable that throws',
      () =>
        thenable(() => {
          throw new Error('x');
        }),
    ],
  ])('that %s is contained and told', async (_name, call) => {
    const errors: unknown[] = [];
    contain(call, (error) => errors.push(error));
    await clock.settle();
    expect(errors).toEqual([new Error('x')]);
  });

  it('that does not fail is not told', async () => {
    contain(
      () => Promise.resolve(1),
      () => expect.fail('nothing had failed'),
    );
    contain(
      () => 'x',
      () => expect.fail('nothing had failed'),
    );
    await clock.settle();
  });
});

describe('the name of somebody else’s error', () => {
  it.each<[string, unknown, string]>([
    [
      'a system error',
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'a TLS error',
      Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    ['an error', new Error('MARKED'), 'Error'],
    ['an error of a kind', new TypeError('MARKED'), 'TypeError'],
    ['a code that is a sentence', Object.assign(new Error('x'), { code: 'MARKED with spaces' }), 'Error'],
    ['a code that is a number', Object.assign(new Error('x'), { code: 5 }), 'Error'],
    ['a name that is a sentence', Object.assign(new Error('x'), { name: 'MARKED with spaces' }), 'Error'],
    ['an object', { MARKED: true }, 'Error'],
    ['a text', 'MARKED', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
    [
      'an error that throws when it is looked at',
      {
        get code(): string {
          throw new Error('x');
        },
      },
      'Error',
    ],
  ])('of %s tells nothing of its message', (_name, error, name) => {
    expect(errorName(error)).toBe(name);
  });
});
