import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_GRANTS, covers, type Grants, isRole, ROLES, type Role, roleIn } from '../../src/model/role.js';
import { check } from '../support/property.js';

describe('the role of somebody in an environment', () => {
  it.each<[everywhere: Role | undefined, own: Role | undefined, role: Role | undefined]>([
    [undefined, undefined, undefined],
    [undefined, 'viewer', 'viewer'],
    [undefined, 'editor', 'editor'],
    [undefined, 'admin', 'admin'],
    ['viewer', undefined, 'viewer'],
    ['viewer', 'viewer', 'viewer'],
    ['viewer', 'editor', 'editor'],
    ['viewer', 'admin', 'admin'],
    ['editor', undefined, 'editor'],
    ['editor', 'viewer', 'editor'],
    ['editor', 'editor', 'editor'],
    ['editor', 'admin', 'admin'],
    ['admin', undefined, 'admin'],
    ['admin', 'viewer', 'admin'],
    ['admin', 'editor', 'admin'],
    ['admin', 'admin', 'admin'],
  ])('is the greater one of the role everywhere, %s, and that in it, %s: %s', (everywhere, own, role) => {
    const grants: Grants = { everywhere, environments: own === undefined ? {} : { e1: own } };
    expect(roleIn(grants, 'e1')).toBe(role);
    expect(roleIn(grants, 'e2')).toBe(everywhere);
    expect(roleIn(grants)).toBe(everywhere);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('is nobody’s by the name of %j', (id) => {
    expect(roleIn({ everywhere: undefined, environments: {} }, id)).toBeUndefined();
    expect(roleIn({ everywhere: undefined, environments: JSON.parse(`{${JSON.stringify(id)}:"admin"}`) }, id)).toBe(
      'admin',
    );
  });

  it('is admin of whatever there is for whoever has everything', () => {
    return check(
      fc.property(fc.string(), (id) => {
        expect([roleIn(ALL_GRANTS, id), roleIn(ALL_GRANTS)]).toEqual(['admin', 'admin']);
      }),
      50,
    );
  });

  it('never sinks by a grant more', () => {
    const role = fc.option(fc.constantFrom(...ROLES), { nil: undefined });
    return check(
      fc.property(role, role, fc.constantFrom(...ROLES), (everywhere, own, more) => {
        const before = roleIn({ everywhere, environments: own === undefined ? {} : { e1: own } }, 'e1');
        const greater = own !== undefined && covers(own, more) ? own : more;
        const after = roleIn({ everywhere, environments: { e1: greater } }, 'e1');
        expect(before === undefined || covers(after, before)).toBe(true);
      }),
      100,
    );
  });
});

describe('a role', () => {
  it.each<[Role | undefined, Role[]]>([
    [undefined, []],
    ['viewer', ['viewer']],
    ['editor', ['viewer', 'editor']],
    ['admin', ['viewer', 'editor', 'admin']],
  ])('%s may do what is demanded of %j', (role, demanded) => {
    expect(ROLES.filter((one) => covers(role, one))).toEqual(demanded);
  });

  it.each<[unknown, boolean]>([
    ...ROLES.map((role): [unknown, boolean] => [role, true]),
    ['Admin', false],
    ['owner', false],
    ['', false],
    ['viewer ', false],
    [0, false],
    [null, false],
    [undefined, false],
    [['viewer'], false],
    [{}, false],
  ])('is %j: %s', (value, isOne) => {
    expect(isRole(value)).toBe(isOne);
  });
});
