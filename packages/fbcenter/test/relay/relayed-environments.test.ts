import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EnvironmentIdentity, secretIdOf } from '../../src/relay/relayed-environments.js';
import { check } from '../support/property.js';
import { anIdentity, environmentOf, relayedEnvironments, upstreamDocument } from '../support/relayed.js';

const T = Date.UTC(2026, 0, 1);
const secret = (value: string, kind: 'server' | 'client' = 'server') => ({ kind, value });

describe('the environments of a relay', () => {
  it('are in the order in which they came, and one that is changed keeps its place', () => {
    const environments = relayedEnvironments('a', 'b', 'c');
    environments.put(anIdentity('a', { key: 'renamed' }));
    expect(environments.all.map(({ key }) => key)).toEqual(['renamed', 'shop:b', 'shop:c']);
  });

  it('are found by id and by key', async () => {
    const environments = relayedEnvironments('a', 'b');
    expect(environments.byId('id-b')?.key).toBe('shop:b');
    expect(environments.byId('shop:b')).toBeUndefined();
    expect(await environments.environments.byKey('shop:b')).toEqual({
      id: 'id-b',
      key: 'shop:b',
      name: 'shop:b',
      isProtected: false,
      serverSecret: 'server-of-b',
      clientSecret: 'client-of-b',
    });
    expect(await environments.environments.byKey('id-b')).toBeUndefined();
  });

  it('keep their data and its age when they get another key and other secrets', () => {
    const environments = relayedEnvironments('a');
    const before = environmentOf(environments, 'a');
    before.replica.full([upstreamDocument('x', T)]);
    before.freshness.heard(T);
    const after = environments.put(anIdentity('a', { key: 'renamed', secrets: [] }));
    expect(after.replica).toBe(before.replica);
    expect(after.freshness).toBe(before.freshness);
    expect(environments.byId('id-a')).toBe(after);
  });

  it('begin anew after they were removed', () => {
    const environments = relayedEnvironments('a');
    environmentOf(environments, 'a').replica.full([]);
    environments.remove('id-a');
    expect(environments.put(anIdentity('a')).replica.isFilled).toBe(false);
  });

  it('go on after they were removed for who still follows what was served', () => {
    const environments = relayedEnvironments('a');
    const before = environmentOf(environments, 'a');
    before.replica.full([]);
    environments.remove('id-a');
    expect(environments.put(anIdentity('a'), before).replica).toBe(before.replica);
  });

  it('do not share what they hold', () => {
    const environments = relayedEnvironments('a', 'b');
    environmentOf(environments, 'a').replica.full([upstreamDocument('x', T)]);
    environmentOf(environments, 'a').freshness.heard(T);
    const other = environmentOf(environments, 'b');
    expect([other.replica.isFilled, other.freshness.state]).toEqual([false, 'starting']);
  });

  it('are not disturbed by the removal of one that is not there', () => {
    const environments = relayedEnvironments('a');
    environments.remove('id-z');
    expect(environments.all).toHaveLength(1);
  });
});

describe('the secrets of a relay', () => {
  it('open their environment as their kind', async () => {
    const { secrets } = relayedEnvironments('a', 'b');
    expect(await secrets.byValue('server-of-a')).toMatchObject({ environment: { key: 'shop:a' }, kind: 'server' });
    expect(await secrets.byValue('client-of-b')).toMatchObject({ environment: { key: 'shop:b' }, kind: 'client' });
  });

  it.each(['', 'server-of-z', 'SERVER-OF-A', ' server-of-a', 'id-a', secretIdOf('server-of-a')])(
    'are none of them: %j',
    async (value) => {
      expect(await relayedEnvironments('a').secrets.byValue(value)).toBeUndefined();
    },
  );

  it.each<[what: string, before: readonly string[], after: readonly string[]]>([
    ['one is exchanged', ['x'], ['y']],
    ['one is added', ['x'], ['x', 'y']],
    ['one of two is revoked', ['x', 'y'], ['y']],
    ['all are revoked', ['x', 'y'], []],
    ['they change their order', ['x', 'y'], ['y', 'x']],
  ])('count that were given last when %s', async (_, before, after) => {
    const environments = relayedEnvironments();
    environments.put(anIdentity('a', { secrets: before.map((value) => secret(value)) }));
    environments.put(anIdentity('a', { secrets: after.map((value) => secret(value)) }));
    for (const value of ['x', 'y']) {
      const found = await environments.secrets.byValue(value);
      expect(found?.environment.id).toBe(after.includes(value) ? 'id-a' : undefined);
      expect(environments.secretById(secretIdOf(value))?.value).toBe(after.includes(value) ? value : undefined);
    }
    const listed = await environments.secrets.list('id-a');
    expect(listed.map(({ value }) => value)).toEqual(after);
  });

  it('do not count any more when their environment is removed', async () => {
    const environments = relayedEnvironments('a', 'b');
    environments.remove('id-a');
    expect(await environments.secrets.byValue('server-of-a')).toBeUndefined();
    expect(environments.secretById(secretIdOf('server-of-a'))).toBeUndefined();
    expect(await environments.secrets.list('id-a')).toEqual([]);
    expect(await environments.secrets.byValue('server-of-b')).toBeDefined();
  });

  it('that two environments have open the first, and the second once the first is gone', async () => {
    const environments = relayedEnvironments();
    environments.put(anIdentity('a', { secrets: [secret('shared')] }));
    environments.put(anIdentity('b', { secrets: [secret('shared', 'client')] }));
    expect(await environments.secrets.byValue('shared')).toMatchObject({ environment: { id: 'id-a' }, kind: 'server' });
    environments.remove('id-a');
    expect(await environments.secrets.byValue('shared')).toMatchObject({ environment: { id: 'id-b' }, kind: 'client' });
  });

  it('are called by an id that does not give them away, and is for ever the same', async () => {
    const { secrets } = relayedEnvironments('a');
    const [server, client] = await secrets.list('id-a');
    expect(server).toEqual({
      id: secretIdOf('server-of-a'),
      kind: 'server',
      name: 'of upstream',
      value: 'server-of-a',
      createdAt: undefined,
      lastUsedAt: undefined,
    });
    expect(server?.id).toMatch(/^[\w-]{16}$/);
    expect(server?.id).not.toBe(client?.id);
    expect(secretIdOf('server-of-a')).toBe(secretIdOf('server-of-a'));
  });

  it.each<[what: string, secrets: EnvironmentIdentity['secrets'], server: string, client: string]>([
    ['none', [], '', ''],
    ['only a server secret', [secret('s')], 's', ''],
    ['only a client secret', [secret('c', 'client')], '', 'c'],
    ['two of each', [secret('c', 'client'), secret('s'), secret('d', 'client'), secret('t')], 's', 'c'],
  ])('of an environment that has %s: the first of each kind is the one that it is shown with', async (...row) => {
    const [, secrets, serverSecret, clientSecret] = row;
    const environments = relayedEnvironments();
    environments.put(anIdentity('a', { secrets }));
    expect(await environments.environments.byKey('shop:a')).toMatchObject({ serverSecret, clientSecret });
  });

  it('open what was given last, whatever came and went', async () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const values = fc.uniqueArray(fc.constantFrom('u', 'v', 'w', 'x'), { maxLength: 4 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), id, values }),
      fc.record({ kind: fc.constant('remove' as const), id }),
    );
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const environments = relayedEnvironments();
        /** By environment, in the order in which they came. */
        const model = new Map<string, readonly string[]>();
        for (const one of steps) {
          if (one.kind === 'remove') {
            environments.remove(`id-${one.id}`);
            model.delete(one.id);
          } else {
            environments.put(anIdentity(one.id, { secrets: one.values.map((value) => secret(value)) }));
            model.set(one.id, one.values);
          }
        }
        expect(environments.all.map(({ id: found }) => found)).toEqual([...model.keys()].map((name) => `id-${name}`));
        for (const value of ['u', 'v', 'w', 'x']) {
          const owner = [...model].find(([, owned]) => owned.includes(value))?.[0];
          const found = await environments.secrets.byValue(value);
          expect(found?.environment.id).toBe(owner === undefined ? undefined : `id-${owner}`);
          expect(environments.secretById(secretIdOf(value)) !== undefined).toBe(owner !== undefined);
        }
      }),
      200,
    );
  });
});
