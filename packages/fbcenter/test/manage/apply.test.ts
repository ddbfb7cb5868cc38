import { describe, expect, it } from 'vitest';
import { type ApplyOptions, type ApplyPlan, apply } from '../../src/manage/apply.js';
import { readWanted, type WantedEnvironment } from '../../src/manage/apply-files.js';
import { planText } from '../../src/manage/display.js';
import { Management } from '../../src/manage/management.js';
import { promote } from '../../src/manage/promote.js';
import type { JsonObject } from '../../src/model/json.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { put, startTestCenter, type TestCenter } from '../support/test-center.js';

const inSegment = { property: 'User is in segment', op: null, value: '["staff"]' };

function wanted(
  flags: readonly JsonObject[],
  segments: readonly JsonObject[] = [],
  environment: JsonObject = { key: 'dev' },
) {
  const file = { format: 'fbcenter-environment', formatVersion: 1, environment, segments, flags };
  const read = readWanted([{ path: 'f', text: JSON.stringify(file) }]);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.environments;
}

function managementOf({ center }: TestCenter): Management {
  return new Management({ url: center.url, token: center.adminToken, comment: 'Grüße', group: 'one-run' });
}

async function run(management: Management, what: readonly WantedEnvironment[], given: Partial<ApplyOptions> = {}) {
  const done: string[] = [];
  const shown: ApplyPlan[] = [];
  const plan = await apply(
    management,
    { environments: what, users: undefined },
    {
      dryRun: false,
      prune: false,
      withSwitch: true,
      makesEnvironments: true,
      show: (one) => void shown.push(one),
      progress: (key) => void done.push(key),
      ...given,
    },
  ).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  return { plan, done, text: shown.map((one) => planText(one, given.dryRun ?? false)).join('') };
}

const planOf = ({ plan }: Awaited<ReturnType<typeof run>>): ApplyPlan => {
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
};

describe('apply', () => {
  const flags = [aFlag({ key: 'a' }), aFlag({ key: 'b', rules: [aRule(inSegment)] })];
  const segments = [aSegment({ id: 'staff' })];

  it('makes an environment what files say; a second run changes nothing', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    const first = await run(management, wanted(flags, segments));
    expect(first.text).toBe('dev: 3 created\n  + segment staff\n  + flag a\n  + flag b\n');
    expect(first.done).toEqual(['dev']);
    const versions = async () => {
      const { body } = await world.api('GET', '/flags');
      return body.items.map((one: { key: string; updatedAt: string }) => [one.key, one.updatedAt]);
    };
    const before = await versions();
    const second = await run(management, wanted(flags, segments));
    expect([second.text, second.done, planOf(second).isDifferent]).toEqual(['dev: 3 as they are\n', [], false]);
    expect(await versions()).toEqual(before);
    // Written down with why, and as one act.
    const { body } = await world.api('GET', '/audit?action=import');
    expect(body.items.length).toBeGreaterThan(0);
    for (const { comment, group } of body.items) expect([comment, group]).toEqual(['Grüße', 'one-run']);
  });

  it('shows in a dry run what it would do, does nothing, and makes environments', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    const what = wanted(flags, segments, { key: 'prod', name: 'Production', isProtected: true });
    const dry = await run(management, what, { dryRun: true });
    expect(dry.text).toMatch(
      /^prod: a new environment, 3 created\n {4}name: "Production"\n {4}isProtected: true\n {2}\+ segment staff\n {2}\+ flag a\n {2}\+ flag b\nplan \w{32}\n$/,
    );
    expect((await management.call<{ items: unknown[] }>('/environments')).items).toHaveLength(1);
    const real = await run(management, what, { expected: planOf(dry).plan });
    expect(real.done).toEqual(['prod']);
    expect(await management.call('/environments/prod')).toMatchObject({ name: 'Production', isProtected: true });
    expect(planOf(await run(management, what)).isDifferent).toBe(false);
    const renamed = await run(management, wanted(flags, segments, { key: 'prod', name: 'Live' }));
    expect(renamed.text).toBe('prod: 3 as they are\n    name: "Live"\n');
    expect(await management.call('/environments/prod')).toMatchObject({ name: 'Live', isProtected: true });
    const nowhere = await run(management, wanted([], [], { key: 'other' }), { makesEnvironments: false });
    expect(nowhere.plan).toBe('There is no environment other: there are dev, prod');
  });

  it('changes only what is different, and says what', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    await run(management, wanted(flags, segments));
    const changed = [aFlag({ key: 'a', isEnabled: false, tags: ['x'] }), flags[1] ?? {}];
    const { text } = await run(management, wanted(changed, segments));
    expect(text).toBe(
      'dev: 1 changed, 2 as they are\n  ~ flag a\n      isEnabled: true → false\n      tags: [] → ["x"]\n',
    );
    expect((await world.api('GET', '/flags/a')).body).toMatchObject({ isEnabled: false, tags: ['x'] });
    const without = await run(management, wanted(flags, segments), { withSwitch: false });
    expect(without.text).toContain('tags: ["x"] → []');
    expect((await world.api('GET', '/flags/a')).body).toMatchObject({ isEnabled: false, tags: [] });
  });

  it('archives what the files do not name only when it is asked to', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    await run(management, wanted(flags, segments));
    const less = wanted([flags[0] ?? {}]);
    expect((await run(management, less)).text).toBe('dev: 1 as they are\n');
    const pruned = await run(management, less, { prune: true });
    expect(pruned.text).toBe(
      'dev: 2 changed, 1 as they are\n  ~ segment staff\n      isArchived: false → true\n  ~ flag b\n      isArchived: false → true\n',
    );
    expect((await world.api('GET', '/flags/b')).body).toMatchObject({ isArchived: true });
    expect(planOf(await run(management, less, { prune: true })).isDifferent).toBe(false);
  });

  it('refuses all of it when anything is wrong with it, and names the place', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    const what = wanted([flags[0] ?? {}, aFlag({ key: 'c', rules: [aRule(inSegment)] })]);
    const { plan, text, done } = await run(management, what);
    expect([plan, done]).toEqual(['Nothing was changed: put right what is named above', []]);
    expect(text).toMatch(/^f:1: rules\[0\].*: /m);
    expect((await world.api('GET', '/flags')).body.items).toEqual([]);
  });

  it('does not overwrite what has changed since the dry run', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    await run(management, wanted(flags, segments));
    const what = wanted([aFlag({ key: 'a', tags: ['mine'] }), flags[1] ?? {}], segments);
    const dry = planOf(await run(management, what, { dryRun: true }));
    await put(world.api, '/flags/a', aFlag({ description: 'theirs' }));
    const refused = await run(management, what, { expected: dry.plan });
    expect(refused.plan).toMatch(/^Something has changed since the dry run with this plan: nothing was changed/);
    expect((await world.api('GET', '/flags/a')).body).toMatchObject({ description: 'theirs', tags: [] });
  });

  it('does not overwrite what changes while it runs: the flag, or one that is to be archived', async () => {
    const world = await startTestCenter();
    const management = managementOf(world);
    await run(management, wanted(flags, segments));
    const theirs = () => put(world.api, '/flags/a', aFlag({ description: 'theirs' }));
    const mine = wanted([aFlag({ key: 'a', tags: ['mine'] })]);
    // What is shown is shown before anything is done.
    const between = { show: () => undefined };
    const meanwhile = new Management({ url: world.center.url, token: world.center.adminToken });
    const original = meanwhile.call.bind(meanwhile);
    let isChanged = false;
    meanwhile.call = async <T>(path: string, sent?: Parameters<Management['call']>[1]): Promise<T> => {
      if (path.includes('plan=') && !isChanged) {
        isChanged = true;
        await theirs();
      }
      return original<T>(path, sent);
    };
    const { plan, done } = await run(meanwhile, mine, { ...between });
    expect([plan, done]).toEqual([
      expect.stringMatching(/^Somebody else has changed dev meanwhile: nothing was overwritten/),
      [],
    ]);
    expect((await world.api('GET', '/flags/a')).body).toMatchObject({ description: 'theirs', tags: [] });
    // Done again it does what it says, on what there is now.
    expect((await run(management, mine)).text).toContain('tags: [] → ["mine"]');
  });
});

describe('promote', () => {
  it('carries flags with their segments, shows what changes, and is held to its plan', async () => {
    const world = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });
    const management = managementOf(world);
    await run(management, wanted([aFlag({ key: 'a', rules: [aRule(inSegment)] })], [aSegment({ id: 'staff' })]));
    const texts: string[] = [];
    const options = {
      from: 'dev',
      to: 'prod',
      flags: ['a'],
      withSwitch: false,
      withSegments: true,
      dryRun: true,
      show: (plan: ApplyPlan) => void texts.push(planText(plan, false)),
    };
    const dry = await promote(management, options);
    expect(texts.splice(0)).toEqual(['prod: 2 created\n  + segment staff\n  + flag a\n']);
    await expect(promote(management, { ...options, dryRun: false, expected: 'another' })).rejects.toThrow(
      /since the dry run/,
    );
    await promote(management, { ...options, dryRun: false, expected: dry.plan });
    expect(await management.call('/environments/prod/flags/a')).toMatchObject({ isEnabled: false });
    texts.length = 0;
    const again = await promote(management, { ...options, dryRun: false });
    expect([again.isDifferent, texts]).toEqual([false, ['prod: 2 as they are\n']]);
    const switched = await promote(management, { ...options, dryRun: false, withSwitch: true });
    expect(switched.environments[0]?.changes).toMatchObject([{ key: 'a', differences: [{ path: 'isEnabled' }] }]);
    await expect(promote(management, { ...options, flags: ['none'] })).rejects.toThrow(/There is no such flag/);
    await expect(promote(management, { ...options, to: 'none' })).rejects.toThrow(
      'There is no environment none: there are dev, prod',
    );
  });
});
