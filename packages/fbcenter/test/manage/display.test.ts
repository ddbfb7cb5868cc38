import { describe, expect, it } from 'vitest';
import type { ApplyPlan } from '../../src/manage/apply.js';
import type { Change } from '../../src/manage/comparison.js';
import { planJson, planText } from '../../src/manage/display.js';
import type { EnvironmentChange } from '../../src/manage/environment-change.js';

const created: Change = { kind: 'flag', key: 'a', outcome: 'created', differences: [] };
const changed: Change = {
  kind: 'segment',
  key: 's',
  outcome: 'changed',
  differences: [
    { path: 'included', before: ['ada'], after: ['ada', 'bob'] },
    { path: 'description', after: 'x' },
    { path: 'name', before: 'y' },
  ],
};

const environment = (more: Partial<EnvironmentChange> = {}): EnvironmentChange => ({
  key: 'dev',
  isNew: false,
  description: {},
  changes: [],
  same: 0,
  faults: [],
  digest: 'd',
  documents: [],
  ...more,
});
const plan = (more: Partial<ApplyPlan>): ApplyPlan => ({
  environments: [],
  users: undefined,
  faults: [],
  isDifferent: true,
  plan: 'p',
  ...more,
});

describe('a plan', () => {
  it.each<[what: string, given: Partial<ApplyPlan>, dryRun: boolean, lines: string[]]>([
    [
      'that changes nothing',
      { environments: [environment({ same: 3 })], isDifferent: false },
      true,
      ['dev: 3 as they are'],
    ],
    [
      'of a new environment',
      {
        environments: [
          environment({ isNew: true, description: { name: 'Dev', isProtected: true }, changes: [created] }),
        ],
      },
      false,
      ['dev: a new environment, 1 created', '    name: "Dev"', '    isProtected: true', '  + flag a'],
    ],
    [
      'of a new environment without anything',
      { environments: [environment({ isNew: true })] },
      false,
      ['dev: a new environment, 0 as they are'],
    ],
    [
      'of changes',
      { environments: [environment({ changes: [changed], same: 2 })] },
      false,
      [
        'dev: 1 changed, 2 as they are',
        '  ~ segment s',
        '      included: ["ada"] → ["ada","bob"]',
        '      description: "x"',
        '      name: "y" → gone',
      ],
    ],
    [
      'of several environments, before it is done',
      { environments: [environment({ changes: [created] }), environment({ key: 'prod', same: 1 })] },
      true,
      ['dev: 1 created', '  + flag a', 'prod: 1 as they are', 'plan p'],
    ],
    [
      'that cannot be carried out has no name to be held to',
      { environments: [environment()], faults: [{ place: 'f:3', message: 'key: Must be a string.' }] },
      true,
      ['dev: 0 as they are', 'f:3: key: Must be a string.'],
    ],
    [
      'of users, with their faults by their codes',
      {
        users: {
          changes: [
            { kind: 'user', key: 'bob', outcome: 'created', differences: [{ path: 'role', after: 'viewer' }] },
            {
              ...{ kind: 'user', key: 'ada', outcome: 'changed' },
              differences: [{ path: 'isDisabled', before: false, after: true }],
            },
          ],
          ...{ same: 4, faults: [], digest: 'd', steps: [] },
        },
        faults: [{ place: 'users.yaml:3', message: 'ada is the last one', code: 'last-admin' }],
      },
      true,
      [
        'users: 1 created, 1 changed, 4 as they are',
        '  + user bob',
        '      role: "viewer"',
        '  ~ user ada',
        '      isDisabled: false → true',
        'users.yaml:3: ada is the last one (last-admin)',
      ],
    ],
  ])('%s is written for people', (_, given, dryRun, lines) => {
    expect(planText(plan(given), dryRun).trimEnd().split('\n')).toEqual(lines);
  });

  it('is the same for programs, without what only we need', () => {
    const given = plan({
      environments: [environment({ changes: [created], same: 1 })],
      faults: [{ place: 'f', message: 'm' }],
    });
    expect(planJson(given, true)).toEqual({
      dryRun: true,
      isDifferent: true,
      plan: 'p',
      faults: [{ place: 'f', message: 'm' }],
      environments: [{ key: 'dev', isNew: false, description: {}, same: 1, changes: [created] }],
    });
    const users = { changes: [], same: 2, faults: [], digest: 'd', steps: [] };
    expect(planJson(plan({ users }), false)).toMatchObject({ users: { same: 2, changes: [] } });
  });
});
