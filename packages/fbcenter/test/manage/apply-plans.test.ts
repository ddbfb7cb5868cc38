import { describe, expect, it } from 'vitest';
import {
  type ApplyOptions,
  type ApplyPlan,
  apply,
  noSuchEnvironment,
  planOf,
  refuseOther,
} from '../../src/manage/apply.js';
import type { WantedEnvironment } from '../../src/manage/apply-files.js';
import type { EnvironmentChange } from '../../src/manage/environment-change.js';
import { promote } from '../../src/manage/promote.js';
import { aFlag } from '../support/documents.js';
import { FakeManagement } from '../support/fake-management.js';

const LIST = {
  'GET /environments': {
    items: [
      { key: 'dev', name: 'dev', isProtected: false },
      { key: 'prod', name: 'prod', isProtected: false },
    ],
  },
};
const dry = (key: string) => `POST /environments/${key}/import?dryRun=true&withSwitch=true`;
const real = (key: string) => `POST /environments/${key}/import?plan=digest-of-${key}&withSwitch=true`;
const exportOf = (key: string) => `GET /environments/${key}/export`;

const planned = (key: string, faults: readonly object[] = []) => ({
  plan: `digest-of-${key}`,
  items: [{ path: 'flags[0]', fields: [], faults }],
});
const NOTHING = { segments: [], flags: [] };

const wanted = (key: string): WantedEnvironment => ({
  key,
  documents: [{ kind: 'flag', input: aFlag({ key: 'a' }), place: () => `${key}.yaml:1` }],
});

async function run(answers: Readonly<Record<string, unknown>>, given: Partial<ApplyOptions> = {}) {
  const management = new FakeManagement({ ...LIST, ...answers });
  const shown: ApplyPlan[] = [];
  const done: string[] = [];
  const options = {
    dryRun: false,
    prune: false,
    withSwitch: true,
    makesEnvironments: true,
    show: (plan: ApplyPlan) => void shown.push(plan),
    progress: (key: string) => void done.push(key),
    ...given,
  };
  const what = { environments: [wanted('dev'), wanted('prod')], users: undefined };
  const failure = await apply(management, what, options).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  const calls = management.calls.map(([method, path]) => `${method} ${path}`);
  return {
    failure,
    shown,
    done,
    calls,
    changes: calls.filter((call) => call === real('dev') || call === real('prod')),
  };
}

const BOTH = {
  [dry('dev')]: planned('dev'),
  [dry('prod')]: planned('prod'),
  [exportOf('dev')]: NOTHING,
  [exportOf('prod')]: NOTHING,
};

describe('several environments', () => {
  it('are all planned, and shown once, before the first one is changed', async () => {
    const { failure, shown, done, calls } = await run({ ...BOTH, [real('dev')]: {}, [real('prod')]: {} });
    expect([failure, shown.length, done]).toEqual([undefined, 1, ['dev', 'prod']]);
    expect(calls).toEqual([
      'GET /environments',
      dry('dev'),
      exportOf('dev'),
      dry('prod'),
      exportOf('prod'),
      real('dev'),
      real('prod'),
    ]);
  });

  it('are left alone, all of them, when one has a fault', async () => {
    const fault = { path: 'flags[0].key', message: 'Must be a string.' };
    const { failure, shown, changes } = await run({ ...BOTH, [dry('prod')]: planned('prod', [fault]) });
    expect([failure, changes]).toEqual(['Nothing was changed: put right what is named above', []]);
    expect(shown[0]?.faults).toEqual([{ place: 'prod.yaml:1', message: 'key: Must be a string.' }]);
  });

  it('that are done stay done when a later one fails, which is reported', async () => {
    const { failure, done } = await run({ ...BOTH, [real('dev')]: {}, [real('prod')]: new Error('The disk is full.') });
    expect([failure, done]).toEqual(['The disk is full.', ['dev']]);
  });

  it('are left alone in a dry run, and when the plan is another one than was expected', async () => {
    const first = await run(BOTH, { dryRun: true });
    expect([first.failure, first.changes]).toEqual([undefined, []]);
    const other = await run(BOTH, { expected: 'another' });
    expect([other.failure, other.changes]).toEqual([
      expect.stringMatching(/^Something has changed since the dry run/),
      [],
    ]);
    const same = await run({ ...BOTH, [real('dev')]: {}, [real('prod')]: {} }, { expected: first.shown[0]?.plan });
    expect(same.done).toEqual(['dev', 'prod']);
  });
});

describe('the name of a plan', () => {
  const change = (more: Partial<EnvironmentChange> = {}): EnvironmentChange => ({
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

  it.each<[what: string, more: Partial<EnvironmentChange>, isAnother: boolean]>([
    ['the state that it was made for', { digest: 'e' }, true],
    ['the environment', { key: 'prod' }, true],
    ['what is said of it', { description: { name: 'x' } }, true],
    ['what changes', { changes: [{ kind: 'flag', key: 'a', outcome: 'created', differences: [] }] }, true],
    ['how many stay as they are', { same: 5 }, false],
  ])('goes by %s', (_, more, isAnother) => {
    const [one, other] = [planOf([change()]), planOf([change(more)])];
    expect(one.plan !== other.plan).toBe(isAnother);
    expect(one.plan).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is what a run is held to', () => {
    const plan = planOf([change()]);
    expect(() => refuseOther(plan, undefined)).not.toThrow();
    expect(() => refuseOther(plan, plan.plan)).not.toThrow();
    expect(() => refuseOther(plan, '')).toThrow(/nothing was changed/);
    expect(() => refuseOther({ ...plan, faults: [{ place: 'f', message: 'm' }] }, plan.plan)).toThrow(/put right/);
  });

  it.each([
    [[], 'There is no environment x: there is none'],
    [['dev'], 'There is no environment x: there are dev'],
  ])('of an environment that is not there, of %j, is a refusal', (keys, message) => {
    expect(
      noSuchEnvironment(
        'x',
        keys.map((key) => ({ key })),
      ).message,
    ).toBe(message);
  });
});

describe('a promotion', () => {
  const DRY = 'POST /environments/prod/promote?dryRun=true';
  const REAL = 'POST /environments/prod/promote?plan=digest-of-prod';
  const there = { segments: [], flags: [aFlag({ key: 'a' })] };
  const options = {
    from: 'dev',
    to: 'prod',
    flags: ['a'],
    withSwitch: true,
    withSegments: false,
    dryRun: false,
    show: () => {},
  };
  const answers = { ...LIST, [DRY]: planned('prod'), [exportOf('dev')]: there, [exportOf('prod')]: NOTHING };

  it('is planned by the center, shown, then done as it was planned', async () => {
    const management = new FakeManagement({ ...answers, [REAL]: {} });
    const { isDifferent, environments } = await promote(management, options);
    expect([isDifferent, environments[0]?.changes]).toEqual([
      true,
      [expect.objectContaining({ key: 'a', outcome: 'created' })],
    ]);
    const body = { from: 'dev', flags: ['a'], withSwitch: true, withSegments: false };
    expect(management.changes).toEqual([
      ['POST', '/environments/prod/promote?dryRun=true', body],
      ['POST', '/environments/prod/promote?plan=digest-of-prod', body],
    ]);
  });

  it('of what is there already does nothing', async () => {
    const same = {
      ...there,
      flags: there.flags.map((flag) => ({
        ...flag,
        name: 'a',
        targetUsers: [],
        rules: [],
        tags: [],
        exptIncludeAllTargets: true,
        isArchived: false,
      })),
    };
    const management = new FakeManagement({ ...answers, [exportOf('prod')]: same });
    const { environments } = await promote(management, { ...options, dryRun: true });
    expect(management.changes).toHaveLength(1);
    expect(environments[0]?.faults).toEqual([]);
  });

  it.each([
    [{ from: 'none' }, 'There is no environment none: there are dev, prod'],
    [{ expected: 'another' }, 'Something has changed since the dry run'],
  ])('with %j is refused, and changes nothing', async (more, message) => {
    const management = new FakeManagement(answers);
    await expect(promote(management, { ...options, ...more })).rejects.toThrow(message);
    expect(management.calls.map(([method, path]) => `${method} ${path}`)).not.toContain(REAL);
  });
});
