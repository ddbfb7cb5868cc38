import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../../../src/storage/postgres/database.js';
import type { Client, Statements } from '../../../src/storage/postgres/library.js';
import { PATIENCE, type Patience } from '../../../src/storage/postgres/patience.js';
import { memoryLogger } from '../../support/memory-logger.js';

/** What one transaction of the library does: it gives the work its connection, or not, and ends as it likes. */
type Script = (work: () => Promise<unknown>) => Promise<object>;

const well: Script = async (work) => (await work()) as object;
const lostAt = {
  beginning:
    (code: string): Script =>
    async () =>
      fail(code),
  commit:
    (code: string): Script =>
    async (work) => {
      await work();
      return fail(code);
    },
};

function fail(code: string): never {
  throw Object.assign(new Error('what the library says'), { code });
}

interface Circumstances {
  readonly statement?: () => Promise<never[]>;
  readonly patience?: Patience;
}

/** A database whose transactions go as they are written, and the last of them again and again. */
function scripted(
  scripts: readonly [Script, ...Script[]],
  { statement = async () => [], patience = PATIENCE }: Circumstances = {},
) {
  let begun = 0;
  const within: Statements = { unsafe: async () => Object.assign(await statement(), { count: 0 }) };
  const client: Client = {
    ...within,
    begin: async <T extends object>(_mode: string, work: (statements: Statements) => Promise<T>) => {
      const script = scripts[Math.min(begun, scripts.length - 1)] ?? well;
      begun += 1;
      return (await script(() => work(within))) as T;
    },
    listen: async () => {},
    end: async () => {},
  };
  const database = new Database({
    library: () => client,
    url: 'postgres://nowhere',
    schema: 'fbcenter',
    connections: 1,
    patience,
    log: memoryLogger(),
  });
  let done = 0;
  const change = () =>
    database.transaction(async (connection) => {
      await connection.run('UPDATE');
      done += 1;
      return 'changed';
    });
  return { change, counts: () => ({ begun, done }) };
}

const LOST = ['57P01', '57P02', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'EPIPE', 'ECONNRESET'];

describe('a change whose connection is lost', () => {
  it.each(LOST)('before it was begun is made on another one: %s', async (code) => {
    const { change, counts } = scripted([lostAt.beginning(code), well]);
    expect(await change()).toBe('changed');
    expect(counts()).toEqual({ begun: 2, done: 1 });
  });

  it.each(LOST)('while it is made is not made, and says so: %s', async (code) => {
    const { change, counts } = scripted([well], { statement: async () => fail(code) });
    await expect(change()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(counts()).toEqual({ begun: 1, done: 0 });
  });

  it.each(LOST)('at its end is not made once more, for it may have been made: %s', async (code) => {
    const { change, counts } = scripted([lostAt.commit(code), well]);
    await expect(change()).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(counts()).toEqual({ begun: 1, done: 1 });
  });

  it('and of whose end nothing is heard may have been made', async () => {
    const silent: Script = (work) => work().then(() => new Promise<never>(() => {}));
    const { change, counts } = scripted([silent, well], { patience: { ...PATIENCE, answer: 1 } });
    await expect(change()).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(counts()).toEqual({ begun: 1, done: 1 });
  });
});

describe('a database that does not answer in time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    [300, 'hangs: it said nothing in the latter half of that time, and who asks next does not wait', 2],
    [1_200, 'does not hang when others are answered: who asks next is served', 3],
  ])('and has answered others %i ms after it was asked %s', async (time, _, begun) => {
    const silent: Script = () => new Promise<never>(() => {});
    const { change, counts } = scripted([silent, well]);
    const unanswered = change().catch(({ message }: Error) => message);
    await vi.advanceTimersByTimeAsync(time);
    await change();
    await vi.advanceTimersByTimeAsync(PATIENCE.answer - time + 1);
    expect(await unanswered).toMatch(/in time/);
    await change().catch(() => {});
    expect(counts().begun).toBe(begun);
  });
});
