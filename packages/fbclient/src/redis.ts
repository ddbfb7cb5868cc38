/** fbclient/redis: keeps the last good environment in Redis or Valkey, by the client that the application has already. */

import { InvalidConfigError, type OptionProblem } from './errors.js';
import { TIMER_MAX } from './runtime/clock.js';
import type { Persistence } from './sync/persistence.js';

export type { Persistence } from './sync/persistence.js';

/** What is used of a client: node-redis, ioredis and iovalkey have it, their clusters and pools as well. */
export interface RedisClient {
  /** Resolves to the text, or to `null` when there is none. */
  get(key: string): PromiseLike<unknown>;
  set(key: string, value: string): PromiseLike<unknown>;
}

export interface RedisPersistenceOptions {
  /**
   * The application's own client; it is never connected, configured or closed here. node-redis has to be connected by the
   * application, and needs a listener for `error`: without one a lost connection ends the process.
   */
  readonly client: RedisClient;
  /** What the keys begin with; one key for each environment: `fbclient:` and 32 hexadecimal digits. @default 'fbclient' */
  readonly key?: string;
  /**
   * How long a load or a save may take, in milliseconds. The clients have no such limit of their own: while Redis is away they
   * queue commands for seconds or for ever. @default 2_000
   */
  readonly deadline?: number;
}

/**
 * Keeps environments in Redis. Individual targets are in them: whoever reads the keys sees the keys of users.
 *
 * Memory stays the truth: while Redis is away the client serves what it holds, logs `persistence-failed` and tries again.
 *
 * @throws InvalidConfigError when an option cannot be used.
 */
export function redisPersistence(options: RedisPersistenceOptions): Persistence {
  // JavaScript may give nothing at all.
  const { client, key = 'fbclient', deadline = 2_000 } = options ?? ({} as RedisPersistenceOptions);
  const problems: OptionProblem[] = [];
  if (typeof client?.get !== 'function' || typeof client.set !== 'function') {
    problems.push({ option: 'client', problem: 'must be a client of node-redis, ioredis or iovalkey' });
  }
  if (typeof key !== 'string' || key.trim() === '') problems.push({ option: 'key', problem: 'must be a text' });
  if (typeof deadline !== 'number' || !(deadline > 0 && deadline <= TIMER_MAX)) {
    const problem = `must be milliseconds, more than 0 and at most ${TIMER_MAX}`;
    problems.push({ option: 'deadline', problem });
  }
  if (problems.length > 0) throw new InvalidConfigError(problems);

  /** The saves that Redis has not answered, by environment. */
  const unanswered = new Map<string, Promise<void>>();
  return {
    load: async (environment) => textOf(await inTime(deadline, async () => client.get(`${key}:${environment}`))),
    save: (environment, snapshot) =>
      inTime(deadline, async (isLate) => {
        // A client keeps what it could not send, for minutes or for ever. Without this wait every attempt would add a copy.
        await unanswered.get(environment);
        if (isLate()) return;
        const saving = (async () => void (await client.set(`${key}:${environment}`, snapshot)))();
        const answered = saving.catch(() => undefined);
        unanswered.set(environment, answered);
        void answered.then(() => {
          if (unanswered.get(environment) === answered) unanswered.delete(environment);
        });
        await saving;
      }),
  };
}

/** A command that Redis has not answered in time; it may still be carried out. */
class DeadlineError extends Error {
  /** In the log: `persistence-failed` shows the code of an error, and not its message. */
  readonly code = 'REDIS_DEADLINE';
}

/** Waits for work, but no longer than a deadline. The work can ask whether it has passed. */
function inTime<T>(deadline: number, work: (isLate: () => boolean) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new DeadlineError(`Redis has not answered within ${deadline} ms`));
    }, deadline);
    work(() => late)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** Clients can be set up to answer bytes. */
function textOf(answer: unknown): string | undefined {
  if (answer instanceof Uint8Array) return new TextDecoder().decode(answer);
  if (typeof answer === 'string') return answer;
  if (answer === null || answer === undefined) return undefined;
  throw new TypeError('the Redis client answered neither a text nor bytes');
}
