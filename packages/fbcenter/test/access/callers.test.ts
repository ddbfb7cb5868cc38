import { describe, expect, it } from 'vitest';
import { credentialsFor, type Demand } from '../../src/access/demands.js';
import { newAdminToken } from '../../src/access/secrets.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import { callersWith } from '../support/callers.js';
import { anEnvironment } from '../support/environments.js';

const TOKEN = 'a-token-of-the-admin';
const environment = anEnvironment('dev');
const asked: string[] = [];
const callers = callersWith(TOKEN, {
  byValue: async (secret) => {
    asked.push(secret);
    if (secret === environment.serverSecret) return { environment, kind: 'server', id: 's1' };
    return secret === environment.clientSecret ? { environment, kind: 'client', id: 'c1' } : undefined;
  },
});
const { serverSecret, clientSecret } = environment;
const bySdk = (secret: 'server' | 'client') => ({
  kind: 'sdk',
  secret,
  secretId: secret === 'server' ? 's1' : 'c1',
  environment,
});

describe('a caller', () => {
  it.each<[Demand, string | undefined, object | undefined]>([
    ['anybody', undefined, { kind: 'anybody' }],
    ['anybody', 'nonsense', { kind: 'anybody' }],
    ['anybody', `Bearer ${TOKEN}`, { kind: 'anybody' }],

    ['admin', `Bearer ${TOKEN}`, { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS }],
    ['admin', `bearer  ${TOKEN} `, { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS }],
    ['admin', `Bearer ${TOKEN}x`, undefined],
    ['admin', `Bearer ${TOKEN.slice(1)}`, undefined],
    ['admin', `Bearer ${TOKEN} ${TOKEN}`, undefined],
    ['admin', `Basic ${TOKEN}`, undefined],
    ['admin', TOKEN, undefined],
    ['admin', 'Bearer', undefined],
    ['admin', 'Bearer ', undefined],
    ['admin', '', undefined],
    ['admin', undefined, undefined],
    ['admin', serverSecret, undefined],
    ['admin', `Bearer ${serverSecret}`, undefined],

    ['server-secret', serverSecret, bySdk('server')],
    ['server-secret', ` ${serverSecret} `, bySdk('server')],
    ['server-secret', clientSecret, undefined],
    ['server-secret', `Bearer ${serverSecret}`, undefined],
    ['server-secret', serverSecret.toLowerCase(), undefined],
    ['server-secret', `Bearer ${TOKEN}`, undefined],
    ['server-secret', '', undefined],
    ['server-secret', undefined, undefined],

    ['any-secret', serverSecret, bySdk('server')],
    ['any-secret', clientSecret, bySdk('client')],
    ['any-secret', 'unknown', undefined],
    ['any-secret', undefined, undefined],
  ])('that asks for what %s may have, with Authorization %j', async (access, authorization, expected) => {
    expect(await callers.identify({ authorization }, access)).toEqual(expected);
  });

  it.each<Demand>(['anybody', 'admin'])('costs the storage nothing where %s may ask', async (access) => {
    asked.length = 0;
    await callers.identify({ authorization: serverSecret }, access);
    expect(asked).toEqual([]);
  });

  it('learns what to send, for each access, without a credential in it', () => {
    for (const demand of ['anybody', 'anybody-known', 'signed-in', 'viewer', 'server-secret', 'any-secret'] as const) {
      const sentence = credentialsFor(demand);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence).not.toContain(TOKEN);
    }
  });

  it('is not identified while the storage is down: the error is passed on', async () => {
    const down = callersWith(TOKEN, { byValue: () => Promise.reject(new Error('on purpose')) });
    await expect(down.identify({ authorization: serverSecret }, 'any-secret')).rejects.toThrow('on purpose');
    await expect(down.bySecret(serverSecret)).rejects.toThrow('on purpose');
    expect(await down.identify({ authorization: `Bearer ${TOKEN}` }, 'admin')).toEqual({
      kind: 'manager',
      actor: SETTINGS_TOKEN,
      grants: ALL_GRANTS,
    });
  });
});

describe('an access token', () => {
  it('that is made has 256 random bits and can be sent in a header', () => {
    const tokens = Array.from({ length: 20 }, newAdminToken);
    expect(new Set(tokens).size).toBe(20);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });
});
