import { describe, expect, it } from 'vitest';
import { connectionOf, type Parameter } from '../../../src/storage/postgres/connection.js';
import { announce, messageIn, type Outcome } from '../../../src/storage/postgres/hints.js';
import type { PendingCommit, PendingRemoval } from '../../../src/storage/postgres/session.js';

const NOTHING: Omit<Outcome, 'touch'> = { commits: [], removals: [], created: new Map(), touched: [] };

const commit = (environmentId: string, version: number): PendingCommit => ({
  ...{ environmentId, environmentKey: 'dev', kind: 'flag', key: 'f', isArchived: false, text: 'a secret text' },
  ...{ version, previous: version - 1 },
});
const removal = (environmentId: string): PendingRemoval => ({
  environmentId,
  kind: 'flag',
  key: 'f',
  version: 1,
  number: 1,
});

/** What was sent for an outcome, and how many statements that took. */
async function announced(outcome: Partial<Outcome>) {
  const calls: (readonly Parameter[])[] = [];
  const connection = connectionOf(async (sql, parameters) => {
    calls.push(parameters);
    return { count: 1, rows: sql.startsWith('UPDATE touches') ? [{ number: 7 }] : [] };
  });
  const touch = await announce(connection, { ...NOTHING, ...outcome }, { sender: 'me', channel: 'c' });
  const [channel, text] = calls.at(-1) ?? [];
  const payloads: string[] = text === undefined ? [] : JSON.parse(String(text));
  return {
    touch,
    channel,
    messages: payloads.map((payload): unknown => JSON.parse(payload)),
    statements: calls.length,
  };
}

describe('what a transaction has done', () => {
  it('is announced to nobody when it is nothing', async () => {
    expect(await announced({})).toEqual({ touch: undefined, channel: undefined, messages: [], statements: 0 });
  });

  it.each<[what: string, outcome: Partial<Outcome>, messages: object[], touch: number | undefined, statements: number]>(
    [
      ['a change', { commits: [commit('e1', 5)] }, [{ environment: 'e1' }], undefined, 1],
      [
        'many changes of one environment',
        { commits: [commit('e1', 5), commit('e1', 6)] },
        [{ environment: 'e1' }],
        undefined,
        1,
      ],
      [
        'changes and removals of two',
        { commits: [commit('e1', 5)], removals: [removal('e2'), removal('e1')] },
        [{ environment: 'e1' }, { environment: 'e2' }],
        undefined,
        1,
      ],
      ['a new environment', { created: new Map([['e3', 9]]) }, [{ environment: 'e3' }], undefined, 1],
      ['access', { touched: [{ kind: 'access' }] }, [{ touched: { kind: 'access' }, touch: 7 }], 7, 2],
      [
        'several things besides documents, which are one touch',
        {
          touched: [
            { kind: 'secret-removed', id: 's' },
            { kind: 'experiments', environmentId: 'e1' },
          ],
        },
        [
          { touched: { kind: 'secret-removed', id: 's' }, touch: 7 },
          { touched: { kind: 'experiments', environmentId: 'e1' }, touch: 7 },
        ],
        7,
        2,
      ],
      [
        'all of it, in one notification',
        {
          commits: [commit('e1', 5)],
          created: new Map([['e3', 9]]),
          touched: [{ kind: 'insights', environmentId: 'e1' }],
        },
        [
          { environment: 'e1' },
          { environment: 'e3' },
          { touched: { kind: 'insights', environmentId: 'e1' }, touch: 7 },
        ],
        7,
        2,
      ],
    ],
  )('is announced: %s', async (_, outcome, messages, touch, statements) => {
    const sent = messages.map((message) => ({ from: 'me', ...message }));
    expect(await announced(outcome)).toEqual({ touch, channel: 'c', messages: sent, statements });
  });
});

describe('a message', () => {
  it.each<[text: string, message: unknown]>([
    ['{"from":"a","environment":"e"}', { from: 'a', environment: 'e' }],
    ['{"touched":{"kind":"access"},"touch":3}', { touched: { kind: 'access' }, touch: 3 }],
    ['{}', {}],
    ['', {}],
    ['hello', {}],
    ['{', {}],
    ['null', {}],
    ['5', {}],
    ['"text"', {}],
    ['true', {}],
  ])('%j says %j', (text, message) => {
    expect(messageIn(text)).toEqual(message);
  });
});
