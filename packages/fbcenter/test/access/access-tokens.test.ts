import { describe, expect, it, onTestFinished } from 'vitest';
import { AccessTokens } from '../../src/access/access-tokens.js';
import { digestOf, newAccessToken, newCode, startOf, TOKEN_PREFIX } from '../../src/access/credentials.js';
import { StorageError } from '../../src/errors.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { AccessToken } from '../../src/model/user.js';
import { aStorage } from '../support/a-storage.js';
import { FakeClock } from '../support/fake-clock.js';
import { replacingWithin } from '../support/replacing.js';

const WANTED = { name: 'deploy', grants: { everywhere: 'editor', environments: {} }, expiresAt: undefined } as const;

async function world() {
  const clock = new FakeClock();
  const storage = await aStorage({ clock });
  onTestFinished(() => storage.close());
  return { clock, storage, tokens: new AccessTokens(storage) };
}

describe('an access token', () => {
  it('is kept as a digest, with what it was made for, by whom and when', async () => {
    const { tokens, storage, clock } = await world();
    const { token, made } = await tokens.make({ ...WANTED, expiresAt: clock.time + 5 }, SETTINGS_TOKEN);
    expect(made).toEqual({
      ...WANTED,
      id: expect.stringMatching(/./),
      start: token.slice(0, 10),
      createdBy: SETTINGS_TOKEN.name,
      createdAt: clock.time,
      expiresAt: clock.time + 5,
      lastUsedAt: undefined,
    });
    expect(await storage.tokens.byDigest(digestOf(token))).toEqual(made);
    expect(await tokens.list()).toEqual([made]);
    expect(JSON.stringify(await tokens.list())).not.toContain(token.slice(10));
  });

  it('is written down when it is made and when it is revoked, without itself', async () => {
    const { tokens, storage, clock } = await world();
    const { token, made } = await tokens.make({ ...WANTED, expiresAt: clock.time + 5 }, SETTINGS_TOKEN);
    expect(await tokens.revoke(made.id, SETTINGS_TOKEN)).toBe(true);
    const entries = await storage.audit.list({ kind: 'token', limit: 10 });
    expect(entries.map(({ action, subject, actor }) => [action, subject.key, actor])).toEqual([
      ['revoke', 'deploy', SETTINGS_TOKEN],
      ['create', 'deploy', SETTINGS_TOKEN],
    ]);
    const details = await Promise.all(entries.map(({ id }) => storage.audit.get(id)));
    const state = {
      role: 'editor',
      environments: {},
      id: made.id,
      start: made.start,
      expiresAt: '2025-01-01T00:00:00.005Z',
    };
    expect(details.map((detail) => [detail?.before, detail?.after].map((text) => text && JSON.parse(text)))).toEqual([
      [state, undefined],
      [undefined, state],
    ]);
    expect(JSON.stringify(details)).not.toContain(token);
  });

  it('is gone once it is revoked, and cannot be revoked again', async () => {
    const { tokens, storage } = await world();
    const { token, made } = await tokens.make(WANTED, SETTINGS_TOKEN);
    const other = await tokens.make(WANTED, SETTINGS_TOKEN);
    expect(await tokens.revoke(made.id, SETTINGS_TOKEN)).toBe(true);
    expect(await storage.tokens.byDigest(digestOf(token))).toBeUndefined();
    expect(await tokens.list()).toEqual([other.made]);
    for (const id of [made.id, '', 'nobody', other.made.start])
      expect(await tokens.revoke(id, SETTINGS_TOKEN)).toBe(false);
    expect(await storage.audit.list({ action: 'revoke', limit: 10 })).toHaveLength(1);
  });

  it('of more than five hundred is refused', async () => {
    const { storage } = await world();
    const many = Array.from({ length: 500 }, () => ({}) as AccessToken);
    const full = new AccessTokens(replacingWithin(storage, 'tokens', { list: async () => many }));
    await expect(full.make(WANTED, SETTINGS_TOKEN)).rejects.toMatchObject({
      code: 'limit-reached',
      message: 'A center takes 500 access tokens: revoke one first.',
    });
    expect(await storage.tokens.list()).toEqual([]);
  });

  it.each(['make', 'revoke'] as const)('is not there without a note of it, nor gone: %s', async (act) => {
    const { tokens, storage } = await world();
    const { made } = await tokens.make(WANTED, SETTINGS_TOKEN);
    const refused = new StorageError('on purpose');
    const broken = new AccessTokens(replacingWithin(storage, 'audit', { append: () => Promise.reject(refused) }));
    const work = act === 'make' ? broken.make(WANTED, SETTINGS_TOKEN) : broken.revoke(made.id, SETTINGS_TOKEN);
    await expect(work).rejects.toBe(refused);
    expect(await tokens.list()).toEqual([made]);
  });
});

describe('a credential', () => {
  it('is 256 random bits in characters that need no quoting, and known by its beginning', () => {
    const codes = Array.from({ length: 50 }, newCode);
    expect(new Set(codes).size).toBe(50);
    for (const code of codes) expect(code).toMatch(/^[\w-]{43}$/);
    const token = newAccessToken();
    expect(token).toMatch(/^fbc_[\w-]{43}$/);
    expect(startOf(token)).toBe(token.slice(0, TOKEN_PREFIX.length + 6));
  });

  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['ä', '33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc'],
  ])('is kept as SHA-256 of its UTF-8: %j', (credential, digest) => {
    expect(digestOf(credential)).toBe(digest);
  });
});
