import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import type { StoredDocument } from '../../../src/model/document.js';
import { connectionOf, type Parameter } from '../../../src/storage/postgres/connection.js';
import type { Database } from '../../../src/storage/postgres/database.js';
import { Follower } from '../../../src/storage/postgres/follower.js';
import type { Outcome } from '../../../src/storage/postgres/hints.js';
import type { PendingCommit } from '../../../src/storage/postgres/session.js';
import { FakeClock } from '../../support/fake-clock.js';
import { memoryLogger } from '../../support/memory-logger.js';

/** What a PostgreSQL would answer a follower of one or more environments, and what it was asked. */
class FakePostgres {
  touches = 0;
  isAway = false;
  readonly environments = new Map<string, StoredDocument[]>([['e', []]]);
  readonly versions = new Map<string, number>([['e', 10]]);
  replaced = 0;
  readonly asked: string[] = [];
  listeners = 0;
  say: (message: object | string) => void = () => {};
  listening: () => void = () => {};

  readonly database = (() => {
    const connection = connectionOf(async (sql, parameters) => {
      if (this.isAway) throw new StorageError('The database does not answer: try again later.');
      return { count: 0, rows: this.#answer(sql, parameters) };
    });
    const self = this;
    const database = {
      connection,
      probe: connection,
      transaction: async (work: (one: typeof connection) => unknown) => work(connection),
      listen: (heard: (message: string) => void, listening: () => void) => {
        this.listeners += 1;
        this.say = (message) => heard(typeof message === 'string' ? message : JSON.stringify(message));
        this.listening = listening;
        return () => {
          this.listeners -= 1;
        };
      },
      get away() {
        return self.isAway ? 'it is away' : undefined;
      },
    };
    return database as unknown as Database;
  })();

  /** Another center changes a flag. */
  change(id: string, version: number, key = 'f'): void {
    const documents = this.environments.get(id) ?? [];
    const others = documents.filter((one) => one.key !== key);
    this.environments.set(id, [...others, { kind: 'flag', key, version, isArchived: false, text: `{"v":${version}}` }]);
    this.versions.set(id, version);
  }

  #renew(id: string, text: string): void {
    const renewed: readonly StoredDocument[] = JSON.parse(text);
    this.environments.set(
      id,
      renewed.map((one) => ({ ...one, isArchived: false })),
    );
  }

  #answer(sql: string, [id = '', after = 0, upTo]: readonly Parameter[]): readonly object[] {
    if (sql.includes('touches')) return [{ number: this.touches }];
    if (sql.startsWith('UPDATE environments SET version')) {
      this.versions.set(String(id), Number(after));
      this.replaced = Number(after);
    }
    if (sql.startsWith('UPDATE documents SET version')) this.#renew(String(id), String(after));
    if (/^(?:UPDATE|INSERT|DELETE|SELECT pg_|SELECT id, at)/.test(sql)) return [];
    if (sql.startsWith('SELECT version, replaced')) {
      return [{ version: this.versions.get(String(id)), replaced: this.replaced }];
    }
    if (sql.startsWith('SELECT id, version')) {
      return [...this.versions].map(([one, version]) => ({ id: one, version, removals: 0 }));
    }
    const newest = this.versions.get(String(id));
    const most = sql.includes('version <= $3') ? Number(upTo) : Number.POSITIVE_INFINITY;
    const documents = (this.environments.get(String(id)) ?? []).filter(
      ({ version }) => version > Number(after) && version <= most,
    );
    if (sql.startsWith('SELECT version, removals'))
      return newest === undefined ? [] : [{ version: newest, removals: 0 }];
    if (sql.startsWith('SELECT version FROM versions')) return newest === undefined ? [] : [{ version: newest }];
    if (sql.includes('json_agg')) {
      this.asked.push(`news after ${after}`);
      const texts = { versions: `[${newest ?? ''}]`, removed: '[]', documents: JSON.stringify(documents) };
      const history = { replaced: this.replaced, oldest: null, remembers: true };
      return newest === undefined ? [] : [{ key: 'dev', newest, removals: 0, ...history, ...texts }];
    }
    this.asked.push('documents');
    return documents.map(({ isArchived, ...one }) => ({ ...one, is_archived: isArchived }));
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

async function follow(postgres = new FakePostgres()) {
  const log = memoryLogger();
  const errors: unknown[] = [];
  const parts = { database: postgres.database, clock: new FakeClock(0), keptVersions: 5, log };
  const follower = new Follower({ ...parts, onListenerError: (error) => void errors.push(error) });
  const seen: string[] = [];
  follower.changes.watch(({ environmentId, key, version, isForeign = false }) => {
    seen.push(`${environmentId} ${key} ${version}${isForeign ? ' elsewhere' : ''}`);
  });
  follower.changes.watchReplacements?.(({ environmentId, version }) => {
    seen.push(`${environmentId} replaced by ${version}`);
  });
  follower.watchOthers((change) => void seen.push(change.kind));
  await follower.start();
  return { follower, postgres, seen, log, errors };
}

/** Lets everything happen that waits for nothing but promises. */
const settled = () => vi.advanceTimersByTimeAsync(0);

const own = (version: number, previous: number): PendingCommit => ({
  ...{ environmentId: 'e', environmentKey: 'dev', kind: 'flag', key: 'own', isArchived: false, text: '{}' },
  ...{ version, previous },
});
const outcome = (given: Partial<Outcome>): Outcome => ({
  ...{ commits: [], removals: [], created: new Map(), touched: [], touch: undefined },
  ...given,
});

describe('a follower', () => {
  it('reports nothing of what was there when it began', async () => {
    const { seen, postgres } = await follow();
    postgres.listening();
    await settled();
    expect([seen, postgres.asked]).toEqual([[], []]);
  });

  it('does not begin without the database', async () => {
    const postgres = new FakePostgres();
    postgres.isAway = true;
    await expect(follow(postgres)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('reads what a hint is about, once for hints that come together', async () => {
    const { seen, postgres } = await follow();
    postgres.change('e', 11);
    for (let times = 0; times < 3; times++) postgres.say({ from: 'another', environment: 'e' });
    await settled();
    expect(seen).toEqual(['e f 11 elsewhere']);
    expect(postgres.asked).toEqual(['news after 10']);
  });

  it.each<[what: string, message: object | string]>([
    ['no message', 'hello'],
    ['no object', 'null'],
    ['nothing', {}],
    ['a touch without what it is', { touch: 1 }],
    ['what was touched, without which it is', { touched: { kind: 'access' } }],
  ])('is not disturbed by %s', async (_, message) => {
    const { seen, postgres, errors } = await follow();
    postgres.say(message);
    await settled();
    expect([seen, errors]).toEqual([[], []]);
  });

  it('does not hear itself', async () => {
    const { follower, seen, postgres } = await follow();
    postgres.change('e', 11);
    postgres.say({ from: follower.sender, environment: 'e', touched: { kind: 'access' }, touch: 1 });
    await settled();
    expect(seen).toEqual([]);
  });

  it('looks at everything after a hint about an environment that it does not know', async () => {
    const { seen, postgres } = await follow();
    postgres.versions.set('new', 20);
    postgres.say({ environment: 'new' });
    await settled();
    postgres.change('new', 21);
    postgres.say({ environment: 'new' });
    await settled();
    expect(seen).toEqual(['new f 21 elsewhere']);
  });

  it.each<[touches: number[], seen: string[]]>([
    [
      [1, 2, 3],
      ['access', 'access', 'access'],
    ],
    [
      [1, 3],
      ['access', 'access', 'missed'],
    ],
    [[2], ['access', 'missed']],
    // A hint that comes twice, or late, tells nothing of a gap.
    [
      [1, 1],
      ['access', 'access'],
    ],
    [
      [1, 3, 2],
      ['access', 'access', 'missed', 'access'],
    ],
  ])('hears of the touches %j, and of a gap', async (touches, expected) => {
    const { seen, postgres } = await follow();
    for (const touch of touches) postgres.say({ touched: { kind: 'access' }, touch });
    expect(seen).toEqual(expected);
  });

  it('counts its own touches, so that the next one of another center leaves no gap', async () => {
    const { follower, seen, postgres } = await follow();
    await follower.committed(outcome({ touch: 1 }));
    postgres.say({ touched: { kind: 'access' }, touch: 2 });
    expect(seen).toEqual(['access']);
  });

  it('finds every two seconds what no hint has come for, and listens anew', async () => {
    const { seen, postgres } = await follow();
    const before = postgres.say;
    postgres.change('e', 11);
    postgres.touches = 1;
    await vi.advanceTimersByTimeAsync(1_999);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['missed', 'e f 11 elsewhere']);
    expect([postgres.listeners, postgres.say === before]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toHaveLength(2);
  });

  it('listens anew when it was somebody that was shut out, and no change, that no hint has come for', async () => {
    const { seen, postgres } = await follow();
    const before = postgres.say;
    postgres.touches = 1;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([seen, postgres.say === before]).toEqual([['missed'], false]);
    const { say } = postgres;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([seen, postgres.say === say]).toEqual([['missed'], true]);
  });

  it('looks more often while the database is away, and finds what came meanwhile', async () => {
    const { seen, postgres } = await follow();
    postgres.isAway = true;
    await vi.advanceTimersByTimeAsync(2_000);
    postgres.isAway = false;
    postgres.change('e', 11);
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toEqual(['e f 11 elsewhere']);
  });

  it('logs that it hears again, and not that it hears for the first time', async () => {
    const { log, postgres } = await follow();
    postgres.listening();
    await settled();
    expect(log.lines).toEqual([]);
    postgres.listening();
    await settled();
    expect(log.lines).toEqual(['info the notifications of the database are heard again']);
  });

  it('reports own changes without asking, and asks when somebody else was in between', async () => {
    const { follower, seen, postgres } = await follow();
    await follower.committed(outcome({ commits: [own(11, 10)] }));
    expect([seen, postgres.asked]).toEqual([['e own 11'], []]);
    postgres.change('e', 12);
    postgres.change('e', 13, 'own');
    await follower.committed(outcome({ commits: [own(13, 12)] }));
    expect([seen.slice(1), postgres.asked]).toEqual([['e f 12 elsewhere', 'e own 13'], ['news after 11']]);
  });

  it('does not fail a change that is durable: it is reported when the database is back', async () => {
    const { follower, seen, postgres, log } = await follow();
    postgres.change('e', 11);
    postgres.change('e', 12, 'own');
    postgres.isAway = true;
    await follower.committed(outcome({ commits: [own(12, 11)] }));
    expect([seen, log.lines]).toEqual([[], ['debug a change is reported later']]);
    postgres.isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen).toEqual(['e f 11 elsewhere', 'e own 12']);
  });

  const OLDER = 'error the database is older than what was read from it before: was a copy put in its place?';
  const RENEWED = 'warn every document was given a new version, so that all SDKs take what the database has';

  it('gives every document of a database that is older a version that nobody has had, and has everybody take all', async () => {
    const postgres = new FakePostgres();
    postgres.change('e', 10, 'later');
    const { seen, log, follower } = await follow(postgres);
    await follower.changes.everything('e');
    postgres.environments.set('e', []);
    postgres.change('e', 5, 'before');
    postgres.say({ environment: 'e' });
    await settled();
    expect(seen).toEqual(['missed', 'e replaced by 11']);
    expect(log.lines).toEqual([OLDER, RENEWED]);
    const { cursor, documents } = await follower.changes.everything('e');
    expect([cursor, documents.map(({ key, version }) => [key, version])]).toEqual([11, [['before', 11]]]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toHaveLength(2);
  });

  it('leaves that to who was there before, and takes what they have done', async () => {
    const { seen, log, postgres } = await follow();
    postgres.versions.set('e', 5);
    postgres.replaced = 0;
    const { say } = postgres;
    postgres.versions.set('e', 40);
    postgres.replaced = 40;
    say({ environment: 'e' });
    await settled();
    expect([seen, log.lines]).toEqual([['e replaced by 40'], []]);
  });

  it('does it later when the database is away meanwhile', async () => {
    const { seen, log, postgres } = await follow();
    postgres.change('e', 5, 'before');
    const { transaction } = postgres.database;
    Object.assign(postgres.database, { transaction: () => Promise.reject(new StorageError('away')) });
    postgres.say({ environment: 'e' });
    await settled();
    expect(seen).toEqual(['missed']);
    Object.assign(postgres.database, { transaction });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen).toEqual(['missed', 'missed', 'e replaced by 11']);
    expect(log.lines.at(-1)).toBe(RENEWED);
  });

  it('does not lose its way when a listener throws', async () => {
    const { follower, seen, postgres, errors } = await follow();
    follower.changes.watch(() => {
      throw new Error('a fault of a listener');
    });
    postgres.change('e', 11);
    postgres.say({ environment: 'e' });
    await settled();
    expect([seen, errors.map(String)]).toEqual([['e f 11 elsewhere'], ['Error: a fault of a listener']]);
  });
});

describe('the documents that a follower has', () => {
  it('are read once for all who ask at once, and never again', async () => {
    const { follower, postgres } = await follow();
    postgres.change('e', 11);
    expect(follower.replicaOf('e')).toBeUndefined();
    const [first, second] = await Promise.all([follower.changes.everything('e'), follower.changes.everything('e')]);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ cursor: 11, documents: [{ key: 'f', version: 11 }] });
    postgres.isAway = true;
    expect(await follower.changes.since('e', 11)).toEqual({ cursor: 11, documents: [] });
    expect(postgres.asked.filter((one) => one === 'documents')).toHaveLength(1);
  });

  it('are up to date when a change is heard of', async () => {
    const { follower, postgres } = await follow();
    await follower.changes.everything('e');
    const held: unknown[] = [];
    follower.changes.watch(
      ({ key, version }) => void held.push([version, follower.replicaOf('e')?.get('flag', key)?.version]),
    );
    postgres.change('e', 11);
    postgres.say({ environment: 'e' });
    await settled();
    expect(held).toEqual([[11, 11]]);
  });

  it('are none for an environment that there is not', async () => {
    const { follower } = await follow();
    expect(await follower.changes.everything('x')).toEqual({ cursor: 0, documents: [] });
    expect(await follower.changes.since('x', 0)).toBeUndefined();
    expect(await follower.changes.pages('x', () => {})).toBe(0);
  });

  it('are asked for again after a failure', async () => {
    const { follower, postgres } = await follow();
    postgres.isAway = true;
    await expect(follower.changes.everything('e')).rejects.toMatchObject({ code: 'storage-unavailable' });
    postgres.isAway = false;
    expect(await follower.changes.everything('e')).toEqual({ cursor: 10, documents: [] });
  });

  it('are refused when it is closed, and nothing is waited for or listened to any more', async () => {
    const { follower, postgres } = await follow();
    follower.close();
    await expect(follower.changes.everything('e')).rejects.toThrow('The storage is closed.');
    expect([postgres.listeners, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
