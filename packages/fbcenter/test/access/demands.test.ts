import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Demand, isManaged, judgeRole } from '../../src/access/demands.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Caller } from '../../src/model/caller.js';
import { covers, type Grants, isRole, ROLES, roleIn } from '../../src/model/role.js';
import { anEnvironment } from '../support/environments.js';
import { check } from '../support/property.js';

const [HERE, THERE] = [anEnvironment('here'), anEnvironment('there')];
const manager = (grants: Grants): Caller => ({ kind: 'manager', actor: SETTINGS_TOKEN, grants });
const role = fc.constantFrom(...ROLES);
const grants: fc.Arbitrary<Grants> = fc.record({
  everywhere: fc.option(role, { nil: undefined }),
  environments: fc.dictionary(fc.constantFrom(HERE.id, THERE.id, '__proto__', 'constructor'), role, {
    noNullPrototype: true,
  }),
});

describe('a role', () => {
  it.each([
    ['viewer', ['viewer']],
    ['editor', ['viewer', 'editor']],
    ['admin', ['viewer', 'editor', 'admin']],
    [undefined, []],
  ] as const)('of %s covers %j', (own, covered) => {
    expect(ROLES.filter((demanded) => covers(own, demanded))).toEqual(covered);
  });

  it.each<[Grants, string | undefined, string | undefined, string | undefined]>([
    [{ everywhere: undefined, environments: {} }, undefined, undefined, undefined],
    [{ everywhere: 'viewer', environments: {} }, 'viewer', 'viewer', 'viewer'],
    [{ everywhere: 'viewer', environments: { [HERE.id]: 'admin' } }, 'viewer', 'admin', 'viewer'],
    [{ everywhere: 'admin', environments: { [HERE.id]: 'viewer' } }, 'admin', 'admin', 'admin'],
    [{ everywhere: undefined, environments: { [HERE.id]: 'editor' } }, undefined, 'editor', undefined],
  ])('of %j is in the center %s, here %s, there %s', (given, center, here, there) => {
    expect([roleIn(given), roleIn(given, HERE.id), roleIn(given, THERE.id)]).toEqual([center, here, there]);
  });

  it('in an environment is never less than everywhere, and of one environment is nothing in another', async () => {
    await check(
      fc.property(grants, (given) => {
        for (const demanded of ROLES) {
          if (covers(roleIn(given), demanded)) expect(covers(roleIn(given, HERE.id), demanded)).toBe(true);
        }
        const { [HERE.id]: _, ...others } = given.environments;
        expect(roleIn({ ...given, environments: others }, HERE.id)).toBe(given.everywhere);
      }),
    );
  });

  it('is one of three words, whatever else is sent', () => {
    for (const value of ['Viewer', 'owner', '', 'toString', null, undefined, 5, ['admin']]) {
      expect(isRole(value)).toBe(false);
    }
  });
});

describe('a demand', () => {
  it.each<[Demand, boolean]>([
    ['anybody', false],
    ['anybody-known', true],
    ['signed-in', true],
    ['viewer', true],
    ['editor', true],
    ['admin', true],
    ['server-secret', false],
    ['any-secret', false],
  ])('for %s is about those who manage: %s', (demand, expected) => {
    expect(isManaged(demand)).toBe(expected);
  });

  it('for a role is met by no SDK and by nobody, whatever it is about', () => {
    const sdk: Caller = { kind: 'sdk', secret: 'server', secretId: 's', environment: HERE };
    for (const caller of [sdk, { kind: 'anybody' }] as const) {
      for (const demanded of ROLES) {
        expect(judgeRole(caller, demanded, HERE)).not.toBe('allowed');
        expect(judgeRole(caller, demanded)).not.toBe('allowed');
      }
    }
  });

  it('for a role is met by whoever has it there; whoever has none there is not told that it is there', async () => {
    await check(
      fc.property(grants, role, fc.boolean(), (given, demanded, isInside) => {
        const environment = isInside ? HERE : undefined;
        const own = roleIn(given, environment?.id);
        const expected = covers(own, demanded) ? 'allowed' : own === undefined && isInside ? 'hidden' : 'role-too-low';
        expect(judgeRole(manager(given), demanded, environment)).toBe(expected);
      }),
    );
  });
});
