import { describe, expect, it } from 'vitest';
import { isLoopback, oidcProblems, resolveOidc } from '../../src/access/oidc-options.js';
import { InvalidConfigError } from '../../src/errors.js';
import { type CenterOptions, resolveOptions } from '../../src/options.js';

const GOOD = {
  issuer: 'https://id.example/realms/shop',
  clientId: 'fbcenter',
  roles: [{ group: 'admins', role: 'admin' }],
} as const;

describe('the options of an identity provider', () => {
  it('have defaults', () => {
    expect(oidcProblems(GOOD)).toEqual([]);
    expect(resolveOidc(GOOD)).toEqual({
      issuer: new URL(GOOD.issuer),
      clientId: 'fbcenter',
      clientSecret: undefined,
      label: 'id.example',
      scope: 'openid profile',
      groupsClaim: 'groups',
      roles: GOOD.roles,
    });
  });

  it.each<[object, string]>([
    [{ issuer: 'http://id.example' }, 'issuer'],
    [{ issuer: 'id.example' }, 'issuer'],
    [{ issuer: undefined }, 'issuer'],
    [{ issuer: 'ftp://localhost' }, 'issuer'],
    [{ clientId: '' }, 'clientId'],
    [{ clientSecret: 5 }, 'clientSecret'],
    [{ label: ' ' }, 'label'],
    [{ scope: 'profile' }, 'scope'],
    [{ roles: [] }, 'roles'],
    [{ roles: [{ group: 'x', role: 'owner' }] }, 'roles'],
    [{ roles: [{ group: '', role: 'admin' }] }, 'roles'],
    [{ roles: [{ group: 'x', role: 'admin', environments: 'dev' }] }, 'roles'],
    [{ roles: [null] }, 'roles'],
    [{ clientID: 'x' }, 'clientID'],
  ])('with %j cannot be used', (change, option) => {
    const problems = oidcProblems({ ...GOOD, ...change });
    expect(problems.map((problem) => problem.option)).toEqual([option]);
  });

  it.each([null, 5, 'https://id.example'])('are no %j', (value) => {
    expect(oidcProblems(value)).toEqual([{ option: '', message: 'must be an object' }]);
  });

  it.each([
    ['http://localhost:9000', true],
    ['http://127.0.0.1', true],
    ['http://127.9.9.9', true],
    ['http://[::1]:80', true],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://10.0.0.1', false],
  ])('take %s for this machine: %s', (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected);
    expect(oidcProblems({ ...GOOD, issuer: url })).toHaveLength(expected ? 0 : 1);
  });

  it('are named as a part of those of the center, and repeat no secret', () => {
    const options = { oidc: { ...GOOD, issuer: 'nowhere', clientSecret: 5 }, publicUrl: 'https://x/y' };
    try {
      resolveOptions(options as unknown as CenterOptions);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof InvalidConfigError)) throw error;
      const names = error.problems.map(({ option }) => option);
      expect(names).toEqual(['publicUrl', 'oidc.issuer', 'oidc.clientSecret']);
    }
  });

  it.each([
    ['https://flags.example', 'https://flags.example'],
    ['https://flags.example/', 'https://flags.example'],
    ['http://10.0.0.1:5100', 'http://10.0.0.1:5100'],
    ['https://flags.example/flags', undefined],
    ['https://ada@flags.example', undefined],
    ['flags.example', undefined],
    ['ftp://flags.example', undefined],
    ['https://flags.example/?x', undefined],
  ])('stand beside a public URL: %s', (publicUrl, expected) => {
    if (expected === undefined) expect(() => resolveOptions({ publicUrl })).toThrow(/publicUrl/);
    else expect(resolveOptions({ publicUrl }).publicUrl).toBe(expected);
  });
});
