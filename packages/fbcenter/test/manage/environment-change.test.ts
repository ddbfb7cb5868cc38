import { describe, expect, it } from 'vitest';
import type { WantedEnvironment } from '../../src/manage/apply-files.js';
import { judged } from '../../src/manage/comparison.js';
import { type ChangeOptions, isDifferent, makeChange, planChange } from '../../src/manage/environment-change.js';
import { RefusedError } from '../../src/manage/management.js';
import type { WantedDocument } from '../../src/manage/wanted.js';
import { aFlag } from '../support/documents.js';
import { FakeManagement } from '../support/fake-management.js';

const OPTIONS: ChangeOptions = { withSwitch: true, prune: false };
const EXISTING = { id: '1', key: 'dev', name: 'dev', isProtected: false, role: 'admin', connections: 0 } as const;

const flag = (key: string, more: object = {}): WantedDocument => ({
  kind: 'flag',
  input: aFlag({ key, ...more }),
  place: (path) => `f:${path}`,
});
const wanted = (documents: readonly WantedDocument[], more: Partial<WantedEnvironment> = {}): WantedEnvironment => ({
  key: 'dev',
  documents,
  ...more,
});

/** What the center has, as it exports it. */
async function exportOf(...documents: readonly WantedDocument[]) {
  const { stored } = await judged(documents);
  return { segments: [], flags: stored.map(({ text }) => JSON.parse(text)) };
}

const planned = (...items: readonly object[]) => ({
  plan: 'digest',
  items: items.map((item) => ({ faults: [], fields: [], ...item })),
});

const DRY = 'POST /environments/dev/import?dryRun=true&withSwitch=true';
const REAL = 'POST /environments/dev/import?plan=digest&withSwitch=true';
const EXPORT = 'GET /environments/dev/export';

describe('the plan of an environment', () => {
  it('is made by the center first, and read and compared afterwards', async () => {
    const management = new FakeManagement({
      [DRY]: planned({ path: 'flags[0]' }),
      [EXPORT]: await exportOf(flag('a')),
    });
    const change = await planChange(management, wanted([flag('a', { isEnabled: false })]), EXISTING, OPTIONS);
    expect(management.calls.map(([method, path]) => `${method} ${path}`)).toEqual([DRY, EXPORT]);
    expect(change).toMatchObject({
      isNew: false,
      digest: 'digest',
      same: 0,
      changes: [{ key: 'a', outcome: 'changed' }],
    });
    expect(isDifferent(change)).toBe(true);
  });

  it('of one that is not there asks for nothing', async () => {
    const management = new FakeManagement({});
    const change = await planChange(management, wanted([flag('a')], { name: 'Dev' }), undefined, OPTIONS);
    expect(management.calls).toEqual([]);
    expect(change).toMatchObject({
      isNew: true,
      digest: 'new',
      description: { name: 'Dev' },
      changes: [{ outcome: 'created' }],
    });
  });

  it.each<[wantedOf: Partial<WantedEnvironment>, description: object]>([
    [{}, {}],
    [{ name: 'dev', isProtected: false }, {}],
    [{ name: 'Dev' }, { name: 'Dev' }],
    [{ isProtected: true }, { isProtected: true }],
  ])('with %j says of the environment itself %j', async (more, description) => {
    const management = new FakeManagement({ [DRY]: planned(), [EXPORT]: { segments: [], flags: [] } });
    const change = await planChange(management, wanted([], more), EXISTING, OPTIONS);
    expect(change.description).toEqual(description);
    expect(isDifferent(change)).toBe(Object.keys(description).length > 0);
  });

  it('names the place in the files of what the center finds wrong', async () => {
    const fault = {
      code: 'unknown-segment',
      path: 'flags[0].rules[0].conditions[0].value',
      message: 'There is no segment.',
    };
    const management = new FakeManagement({
      [DRY]: planned({ path: 'flags[0]', faults: [fault] }),
      [EXPORT]: { segments: [], flags: [] },
    });
    const { faults } = await planChange(management, wanted([flag('a')]), EXISTING, OPTIONS);
    expect(faults).toEqual([
      { place: 'f:rules[0].conditions[0].value', message: 'rules[0].conditions[0].value: There is no segment.' },
    ]);
  });

  it('archives what is not named, and only what is active', async () => {
    const there = await exportOf(flag('a'), flag('b'), flag('c', { isArchived: true }));
    const management = new FakeManagement({
      [DRY]: planned({ path: 'flags[1]', fields: ['isArchived'] }),
      [EXPORT]: there,
    });
    const { changes, documents } = await planChange(management, wanted([flag('a')]), EXISTING, {
      ...OPTIONS,
      prune: true,
    });
    expect(documents).toHaveLength(2);
    expect(changes).toMatchObject([{ key: 'b', differences: [{ path: 'isArchived', before: false, after: true }] }]);
  });

  it('is given up when what is to be archived has changed since it was read', async () => {
    const there = await exportOf(flag('a'), flag('b'));
    const management = new FakeManagement({
      [DRY]: planned({ path: 'flags[1]', fields: ['isArchived', 'description'] }),
      [EXPORT]: there,
    });
    const work = planChange(management, wanted([flag('a')]), EXISTING, { ...OPTIONS, prune: true });
    await expect(work).rejects.toThrow(/^Somebody else has changed dev meanwhile/);
  });
});

describe('a change of an environment', () => {
  const change = (more: object) => ({
    key: 'dev',
    isNew: false,
    description: {},
    changes: [],
    same: 0,
    faults: [],
    digest: 'digest',
    documents: [],
    ...more,
  });
  const created = [{ kind: 'flag', key: 'a', outcome: 'created', differences: [] }] as const;

  it.each<[what: string, given: object, calls: string[]]>([
    ['nothing', {}, []],
    ['its name', { description: { name: 'Dev' } }, ['PUT /environments/dev']],
    ['its flags', { changes: created }, [REAL]],
    ['both', { description: { isProtected: true }, changes: created }, ['PUT /environments/dev', REAL]],
    [
      'all, because it is new',
      { isNew: true, description: { name: 'Dev' }, changes: created },
      ['POST /environments', 'POST /environments/dev/import?withSwitch=true'],
    ],
    [
      'all, and it is protected',
      { isNew: true, description: { isProtected: true } },
      ['POST /environments', 'PUT /environments/dev'],
    ],
  ])('of %s takes these calls', async (_, given, calls) => {
    const answers = Object.fromEntries(calls.map((call) => [call, {}]));
    const management = new FakeManagement(answers);
    await makeChange(management, change(given), OPTIONS);
    expect(management.calls.map(([method, path]) => `${method} ${path}`)).toEqual(calls);
  });

  it('is held to its plan: what changed meanwhile is not overwritten', async () => {
    const refused = new RefusedError('Something has changed.', 412, 'version-mismatch', []);
    const management = new FakeManagement({ [REAL]: refused });
    await expect(makeChange(management, change({ changes: created }), OPTIONS)).rejects.toThrow(
      /^Somebody else has changed dev meanwhile: nothing was overwritten there/,
    );
  });

  it('repeats what else the center refuses', async () => {
    const refused = new RefusedError('It is full.', 409, 'limit-reached', []);
    const management = new FakeManagement({ [REAL]: refused });
    await expect(makeChange(management, change({ changes: created }), OPTIONS)).rejects.toBe(refused);
  });
});
