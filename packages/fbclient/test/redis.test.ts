import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidConfigError } from '../src/errors.js';
import { type RedisClient, redisPersistence } from '../src/redis.js';
import { errorName } from '../src/runtime/contain.js';

/** A command that a test answers by hand. */
interface Command {
  readonly name: 'get' | 'set';
  readonly args: readonly string[];
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A client that answers when the test says so, as one whose server has gone does not. */
class ScriptedRedis implements RedisClient {
  readonly commands: Command[] = [];

  get(...args: readonly string[]): Promise<unknown> {
    return this.#queue('get', args);
  }

  set(...args: readonly string[]): Promise<unknown> {
    return this.#queue('set', args);
  }

  #queue(name: Command['name'], args: readonly string[]): Promise<unknown> {
    return new Promise((answer, fail) => void this.commands.push({ name, args, answer, fail }));
  }

  /** What was asked for, as one writes it at Redis's command line. */
  get asked(): string[] {
    return this.commands.map(({ name, args }) => [name, ...args].join(' '));
  }
}

let redis: ScriptedRedis;
beforeEach(() => {
  vi.useFakeTimers();
  redis = new ScriptedRedis();
});
afterEach(() => void vi.useRealTimers());

/** What became of a promise so far: its value, the code or name of its error, or that it is open. */
function fateOf(promise: unknown): () => unknown {
  let fate: unknown = 'open';
  Promise.resolve(promise).then(
    (value) => {
      fate = value;
    },
    (error: unknown) => {
      fate = `failed: ${errorName(error)}`;
    },
  );
  return () => fate;
}
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('persistence in Redis', () => {
  it.each([
    { title: 'the text', answer: '{"a":1}', loaded: '{"a":1}' },
    { title: 'the text of bytes, which a client may be set up to answer', answer: Buffer.from('"ü"'), loaded: '"ü"' },
    { title: 'nothing for the null of a key that is not there', answer: null, loaded: undefined },
    { title: 'nothing for undefined', answer: undefined, loaded: undefined },
    { title: 'a failure for anything else', answer: { a: 1 }, loaded: 'failed: TypeError' },
  ])('loads $title', async ({ answer, loaded }) => {
    const fate = fateOf(redisPersistence({ client: redis }).load('e1'));
    await settle();
    expect(redis.asked).toEqual(['get fbclient:e1']);
    redis.commands[0]?.answer(answer);
    await settle();
    expect(fate()).toEqual(loaded);
  });

  it('keeps each environment under a key of its own, after what the option says', async () => {
    const persistence = redisPersistence({ client: redis, key: 'shop:flags' });
    void persistence.save('e1', 'one');
    void persistence.save('e2', 'two');
    await settle();
    expect(redis.asked).toEqual(['set shop:flags:e1 one', 'set shop:flags:e2 two']);
  });

  it.each([
    { title: 'answers', end: (command: Command) => command.answer('OK'), fate: undefined },
    {
      title: 'fails',
      end: (command: Command) => command.fail(Object.assign(new Error(), { code: 'ECONNRESET' })),
      fate: 'failed: ECONNRESET',
    },
  ])('a save ends as its command $title', async ({ end, fate }) => {
    const saved = fateOf(redisPersistence({ client: redis }).save('e1', 'one'));
    await settle();
    const [command] = redis.commands;
    if (command !== undefined) end(command);
    await settle();
    expect(saved()).toBe(fate);
  });

  it.each(['load', 'save'] as const)(
    'a %s that is not answered fails at the deadline, by default after 2 s',
    async (call) => {
      for (const [deadline, persistence] of [
        [2_000, redisPersistence({ client: redis })],
        [50, redisPersistence({ client: redis, deadline: 50 })],
      ] as const) {
        const fate = fateOf(persistence[call]('e1', 'one'));
        await vi.advanceTimersByTimeAsync(deadline - 1);
        expect(fate()).toBe('open');
        await vi.advanceTimersByTimeAsync(1);
        expect(fate()).toBe('failed: REDIS_DEADLINE');
      }
    },
  );

  it('a client that throws is a failure', async () => {
    const client = {
      get: () => {
        throw new RangeError();
      },
      set: () => {
        throw new RangeError();
      },
    };
    const persistence = redisPersistence({ client });
    await expect(persistence.load('e1')).rejects.toThrow(RangeError);
    await expect(persistence.save('e1', 'one')).rejects.toThrow(RangeError);
  });

  it('leaves no timer behind', async () => {
    const persistence = redisPersistence({ client: redis });
    void persistence.load('e1');
    void persistence.save('e1', 'one');
    await settle();
    for (const { answer } of redis.commands) answer(null);
    await settle();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('saves while Redis is away', () => {
  it('give the client one snapshot to hold, however many are tried, and then the newest', async () => {
    const persistence = redisPersistence({ client: redis });
    const fates = [];
    for (const snapshot of ['one', 'two', 'three']) {
      fates.push(fateOf(persistence.save('e1', snapshot)));
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(fates.map((fate) => fate())).toEqual(Array(3).fill('failed: REDIS_DEADLINE'));
    expect(redis.asked).toEqual(['set fbclient:e1 one']);
    // Redis is back: what the client held is written, and what was given up at its deadline stays given up.
    redis.commands[0]?.answer('OK');
    const last = fateOf(persistence.save('e1', 'four'));
    await settle();
    expect(redis.asked).toEqual(['set fbclient:e1 one', 'set fbclient:e1 four']);
    redis.commands[1]?.answer('OK');
    await settle();
    expect(last()).toBeUndefined();
  });

  it('wait within their deadline for the one before, whatever becomes of it', async () => {
    const persistence = redisPersistence({ client: redis });
    void fateOf(persistence.save('e1', 'one'));
    await vi.advanceTimersByTimeAsync(2_500);
    const second = fateOf(persistence.save('e1', 'two'));
    await vi.advanceTimersByTimeAsync(1_000);
    redis.commands[0]?.fail(new Error('the connection is lost'));
    await settle();
    expect(redis.asked).toEqual(['set fbclient:e1 one', 'set fbclient:e1 two']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(second()).toBe('failed: REDIS_DEADLINE');
  });

  it('do not wait for other environments, nor do loads', async () => {
    const persistence = redisPersistence({ client: redis });
    void fateOf(persistence.save('e1', 'one'));
    void fateOf(persistence.save('e2', 'two'));
    void fateOf(persistence.load('e1'));
    await settle();
    expect(redis.asked.toSorted()).toEqual(['get fbclient:e1', 'set fbclient:e1 one', 'set fbclient:e2 two']);
  });
});

describe('options of persistence in Redis', () => {
  it.each([
    { title: 'nothing at all', options: undefined, refused: ['client'] },
    { title: 'no client', options: { client: {} }, refused: ['client'] },
    { title: 'a client that can only read', options: { client: { get: async () => null } }, refused: ['client'] },
    { title: 'a blank key', options: { client: new ScriptedRedis(), key: ' ' }, refused: ['key'] },
    { title: 'a deadline of 0', options: { client: new ScriptedRedis(), deadline: 0 }, refused: ['deadline'] },
    { title: 'a deadline in words', options: { client: new ScriptedRedis(), deadline: '2s' }, refused: ['deadline'] },
    {
      title: 'several at once',
      options: { client: null, key: 1, deadline: Number.NaN },
      refused: ['client', 'key', 'deadline'],
    },
  ])('are refused when they cannot be used: $title', ({ options, refused }) => {
    try {
      redisPersistence(options as never);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidConfigError);
      expect((error as InvalidConfigError).problems.map(({ option }) => option)).toEqual(refused);
      return;
    }
    expect.unreachable('nothing was refused');
  });
});
