import { describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import type { StoredDocument } from '../../../src/model/document.js';
import type { Follower } from '../../../src/storage/postgres/follower.js';
import { Memory, readingOn } from '../../../src/storage/postgres/outage.js';
import { Replica } from '../../../src/storage/postgres/replica.js';
import type { Repositories } from '../../../src/storage/storage.js';

const AWAY = new StorageError('The database does not answer: try again later.');
const fail = async (error: unknown): Promise<never> => {
  throw error;
};

describe('what is asked all the time', () => {
  it('is asked every time, and remembered for when there is no answer', async () => {
    const memory = new Memory(() => false);
    const ask = vi.fn(async () => 'first');
    expect([await memory.ask('a', ask), await memory.ask('a', ask)]).toEqual(['first', 'first']);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(await memory.ask('a', async () => 'second')).toBe('second');
    expect(await memory.ask('a', () => fail(AWAY))).toBe('second');
  });

  it.each<[what: string, name: string, error: unknown, isClosed: boolean]>([
    ['what was never answered', 'b', AWAY, false],
    ['what is damaged', 'a', new StorageError('damaged', { code: 'damaged-data' }), false],
    ['what nobody knows of', 'a', new StorageError('lost', { code: 'outcome-unknown' }), false],
    ['a fault of ours', 'a', new TypeError('x is not a function'), false],
    ['a storage that is closed', 'a', AWAY, true],
  ])('fails as it failed: %s', async (_, name, error, isClosed) => {
    const memory = new Memory(() => isClosed);
    await memory.ask('a', async () => 'answer');
    await expect(memory.ask(name, () => fail(error))).rejects.toBe(error);
  });

  it('is not remembered any more when the answer was that there is nothing: what is revoked stays so', async () => {
    const memory = new Memory(() => false);
    await memory.ask('a', async () => 'answer');
    expect(await memory.ask('a', async () => undefined)).toBeUndefined();
    await expect(memory.ask('a', () => fail(AWAY))).rejects.toBe(AWAY);
  });

  it.each([null, 0, '', false])('is remembered as %j, which is an answer', async (answer) => {
    const memory = new Memory(() => false);
    await memory.ask('a', async () => answer);
    expect(await memory.ask('a', () => fail(AWAY))).toBe(answer);
  });

  it('is forgotten as a whole when access changes, and when there are too many answers', async () => {
    const memory = new Memory(() => false);
    await memory.ask('a', async () => 1);
    memory.forget();
    await expect(memory.ask('a', () => fail(AWAY))).rejects.toBe(AWAY);
    for (let index = 0; index < 20_000; index++) await memory.ask(`n${index}`, async () => index);
    expect(await memory.ask('n0', () => fail(AWAY))).toBe(0);
    await memory.ask('one more', async () => 1);
    await expect(memory.ask('n0', () => fail(AWAY))).rejects.toBe(AWAY);
    expect(await memory.ask('one more', () => fail(AWAY))).toBe(1);
  });
});

describe('repositories while the database is away', () => {
  const document: StoredDocument = { kind: 'flag', key: 'f', version: 3, isArchived: false, text: '{}' };

  function world() {
    let isAway = false;
    const answering = (answer: unknown) => async () => (isAway ? fail(AWAY) : answer);
    const own = {
      environments: { list: answering([{ id: 'e' }]), byKey: answering({ id: 'e' }), create: answering('created') },
      secrets: { byValue: answering({ id: 's' }), list: answering([]) },
      sessions: { byDigest: answering({ id: 'se' }) },
      tokens: { byDigest: answering({ id: 't' }) },
      documents: {
        ...{ get: answering(undefined), version: answering(undefined), list: answering([]) },
        ...{ usage: answering({ documents: 0, bytes: 0 }), save: answering('saved') },
      },
    } as unknown as Repositories;
    const replica = new Replica([document], [3], 5);
    const follower = { replicaOf: (id: string) => (id === 'e' ? replica : undefined) } as unknown as Follower;
    const reading = readingOn(own, new Memory(() => false), follower);
    const away = () => {
      isAway = true;
    };
    return { reading, away };
  }

  type Reading = ReturnType<typeof readingOn>;

  it.each<[what: string, ask: (reading: Reading) => Promise<unknown>, answer: unknown]>([
    ['the environments', ({ environments }) => environments.list(), [{ id: 'e' }]],
    ['an environment', ({ environments }) => environments.byKey('dev'), { id: 'e' }],
    ['a secret', ({ secrets }) => secrets.byValue('v'), { id: 's' }],
    ['a session', ({ sessions }) => sessions.byDigest('d'), { id: 'se' }],
    ['a token', ({ tokens }) => tokens.byDigest('d'), { id: 't' }],
  ])('give what they gave before: %s', async (_, ask, answer) => {
    const { reading, away } = world();
    expect(await ask(reading)).toEqual(answer);
    away();
    expect(await ask(reading)).toEqual(answer);
  });

  it.each<[what: string, ask: (reading: Reading) => Promise<unknown>, there: unknown, atHand: unknown]>([
    ['a document', ({ documents }) => documents.get('e', 'flag', 'f'), undefined, document],
    ['a document that there is none of', ({ documents }) => documents.get('e', 'flag', 'g'), undefined, undefined],
    ['its version', ({ documents }) => documents.version('e', 'flag', 'f'), undefined, 3],
    ['a list', ({ documents }) => documents.list('e', 'flag', { limit: 5 }), [], [document]],
    ['the usage', ({ documents }) => documents.usage('e'), { documents: 0, bytes: 0 }, { documents: 1, bytes: 2 }],
  ])('give what the replica has, and what the database says while it answers: %s', async (_, ask, there, atHand) => {
    const { reading, away } = world();
    expect(await ask(reading)).toEqual(there);
    away();
    expect(await ask(reading)).toEqual(atHand);
  });

  it.each<[what: string, ask: (reading: Reading) => Promise<unknown>]>([
    ['another environment', ({ environments }) => environments.byKey('prod')],
    ['another secret', ({ secrets }) => secrets.byValue('w')],
    ['a document of an environment that nobody has asked for', ({ documents }) => documents.get('x', 'flag', 'f')],
    ['what is not needed all the time', ({ secrets }) => secrets.list('e')],
  ])('fail for %s', async (_, ask) => {
    const { reading, away } = world();
    away();
    await expect(ask(reading)).rejects.toBe(AWAY);
  });
});
