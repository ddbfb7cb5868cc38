import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oidcProblems, resolveOidc } from '../../src/access/oidc-options.js';
import { ROLES } from '../../src/model/role.js';
import { check } from '../support/property.js';

const GOOD = {
  issuer: 'https://id.example/realms/shop',
  clientId: 'fbcenter',
  roles: [{ group: 'admins', role: 'admin' }],
} as const;

const ISSUER = 'must be an https URL; http is taken for localhost only';
const CLIENT_ID = 'must be the id of this center at the identity provider';
const TEXT = 'must be a text that is not empty';
const SCOPE = 'must have openid among its words';
const FORM = `must be a list such as [{ group: 'flag-admins', role: 'admin' }], with roles of ${ROLES.join(', ')}`;
const UNKNOWN = 'is unknown; known are issuer, clientId, clientSecret, label, scope, groupsClaim, roles';

describe('what is wrong with the options of an identity provider', () => {
  it.each<[change: object, sentences: readonly string[]]>([
    [{ issuer: '' }, [`issuer ${ISSUER}`]],
    [{ issuer: 'HTTPS://ID.EXAMPLE' }, []],
    [{ issuer: 'http://LOCALHOST:8080/realms/shop' }, []],
    [{ issuer: 'http://localhost.' }, [`issuer ${ISSUER}`]],
    [{ issuer: 'file:///etc/passwd' }, [`issuer ${ISSUER}`]],
    [{ issuer: new URL('https://id.example') }, [`issuer ${ISSUER}`]],
    [{ clientId: ' \t' }, [`clientId ${CLIENT_ID}`]],
    [{ clientId: 7 }, [`clientId ${CLIENT_ID}`]],
    [{ clientSecret: '' }, [`clientSecret ${TEXT}`]],
    [{ clientSecret: null }, [`clientSecret ${TEXT}`]],
    [{ clientSecret: undefined, label: undefined, scope: undefined, groupsClaim: undefined }, []],
    [{ groupsClaim: [] }, [`groupsClaim ${TEXT}`]],
    [{ scope: '' }, [`scope ${TEXT}`, `scope ${SCOPE}`]],
    [{ scope: 5 }, [`scope ${TEXT}`]],
    [{ scope: 'profile openid email' }, []],
    [{ scope: 'openid' }, []],
    [{ scope: 'openidprofile' }, [`scope ${SCOPE}`]],
    [{ scope: 'OpenID' }, [`scope ${SCOPE}`]],
    [{ roles: undefined }, [`roles ${FORM}`]],
    [{ roles: {} }, [`roles ${FORM}`]],
    [{ roles: [...GOOD.roles, 'admin'] }, [`roles ${FORM}`]],
    [{ roles: [{ group: 'x' }] }, [`roles ${FORM}`]],
    [{ roles: [{ role: 'admin' }] }, [`roles ${FORM}`]],
    [{ roles: [{ group: 'x', role: 'Admin' }] }, [`roles ${FORM}`]],
    [{ roles: [{ group: 'x', role: 'toString' }] }, [`roles ${FORM}`]],
    [{ roles: [{ group: 'x', role: 'admin', environments: [] }] }, []],
    [{ roles: [{ group: 'x', role: 'admin', environments: ['dev', ''] }] }, [`roles ${FORM}`]],
    [{ roles: [{ group: 'x', role: 'admin', environments: [5] }] }, [`roles ${FORM}`]],
    [{ roles: [{ group: '*', role: 'admin', environments: ['dev', 'prod'] }] }, []],
    [{ url: 'x', Scope: 'openid' }, [`url ${UNKNOWN}`, `Scope ${UNKNOWN}`]],
    [{ issuer: 5, clientId: 5, roles: 5 }, [`issuer ${ISSUER}`, `clientId ${CLIENT_ID}`, `roles ${FORM}`]],
  ])('with %j is said in whole: %j', (change, sentences) => {
    const problems = oidcProblems({ ...GOOD, ...change });
    expect(problems.map(({ option, message }) => `${option} ${message}`)).toEqual(sentences);
  });

  it.each(ROLES)('is nothing where a group has the role %s', (role) => {
    expect(oidcProblems({ ...GOOD, roles: [{ group: 'g', role }] })).toEqual([]);
  });

  it.each([undefined, true, () => undefined])('that are %s is that they are no object', (value) => {
    expect(oidcProblems(value)).toEqual([{ option: '', message: 'must be an object' }]);
  });

  it('of nothing at all is what must be there', () => {
    expect(oidcProblems({}).map(({ option }) => option)).toEqual(['issuer', 'clientId', 'roles']);
    expect(oidcProblems([]).map(({ option }) => option)).toEqual(['issuer', 'clientId', 'roles']);
  });

  it('repeats no value, which may be a secret, and what is nothing can be resolved', async () => {
    // Sixteen digits stand in no sentence of ours.
    const secret = fc.nat(2 ** 31 - 1).map((number) => String(number).padStart(16, '7'));
    const anything = fc.oneof(
      secret,
      secret.map((text) => [text]),
      fc.constantFrom(undefined, null, '', ' ', 5, {}),
    );
    const options = fc.record(
      {
        issuer: fc.oneof(anything, fc.constant(GOOD.issuer)),
        clientId: anything,
        clientSecret: anything,
        label: anything,
        scope: fc.oneof(anything, fc.constant('openid email')),
        groupsClaim: anything,
        roles: fc.oneof(anything, fc.constant(GOOD.roles)),
      },
      { requiredKeys: [] },
    );
    await check(
      fc.property(options, (given) => {
        const problems = oidcProblems(given);
        expect(JSON.stringify(problems)).not.toMatch(/\d{16}/);
        if (problems.length > 0) return;
        const resolved = resolveOidc(given as Parameters<typeof resolveOidc>[0]);
        expect(resolved.scope.split(' ')).toContain('openid');
        expect([resolved.label, resolved.groupsClaim].every((text) => text.trim() !== '')).toBe(true);
      }),
      200,
    );
  });
});

describe('the options of an identity provider, resolved', () => {
  it('are those that are given', () => {
    const given = {
      ...{ ...GOOD, clientSecret: 's', label: 'Shop', scope: 'openid groups', groupsClaim: 'memberOf' },
      roles: [{ group: '*', role: 'admin', environments: ['dev'] }],
    } as const;
    expect(resolveOidc(given)).toEqual({ ...given, issuer: new URL(given.issuer) });
  });

  it.each([
    ['https://id.example', 'id.example'],
    ['https://id.example:8443/realms/shop', 'id.example:8443'],
    ['https://id.example:443', 'id.example'],
    ['http://[::1]:9000/x', '[::1]:9000'],
  ])('have for %s the label %s', (issuer, label) => {
    expect(resolveOidc({ ...GOOD, issuer }).label).toBe(label);
  });

  it('do not follow what is done to the list of roles later', () => {
    const role = { group: 'a', role: 'admin' as const };
    const roles = [role];
    const resolved = resolveOidc({ ...GOOD, roles });
    role.group = 'b';
    roles.length = 0;
    expect(resolved.roles).toEqual([{ group: 'a', role: 'admin' }]);
  });
});
