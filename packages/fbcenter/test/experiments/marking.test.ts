import { describe, expect, it, onTestFinished } from 'vitest';
import { readFlagAtHand } from '../../src/experiments/flags-at-hand.js';
import { withMark } from '../../src/experiments/marking.js';
import { fingerprintsOf } from '../../src/experiments/plan.js';
import { ExperimentService } from '../../src/experiments/service.js';
import type { Iteration, Mark } from '../../src/model/experiment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { anIteration, aPlan } from '../support/experiments.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';

async function setUp() {
  const clock = new FakeClock();
  const storage = openSqliteStorage({ clock });
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const write = (share: number, isEnabled = true) =>
    storage.documents.write(environment.id, {
      kind: 'flag',
      key: 'checkout',
      isArchived: false,
      text: (version) =>
        JSON.stringify({
          ...{ key: 'checkout', updatedAt: new Date(version).toISOString(), isArchived: false, isEnabled },
          ...{ variationType: 'boolean', targetUsers: [], rules: [], exptIncludeAllTargets: false, updatorId: 'ada' },
          variations: [
            { id: 'off', value: 'false' },
            { id: 'on', value: 'true' },
          ],
          disabledVariationId: 'off',
          fallthrough: {
            includedInExpt: true,
            variations: [
              { id: 'off', rollout: [0, share], exptRollout: 1 },
              { id: 'on', rollout: [share, 1], exptRollout: 1 },
            ],
          },
        }),
    });
  await write(0.5);
  const flag = await readFlagAtHand(storage.documents, environment.id, 'checkout');
  if (flag === undefined) throw new Error('it was written');
  const plan = aPlan(undefined, { flagVersion: flag.version, fingerprints: fingerprintsOf(flag) });
  await storage.experiments.addIteration(environment.id, anIteration(clock.time, plan));
  const open = async () => {
    const service = new ExperimentService({ storage, clock, log: memoryLogger() });
    await service.open();
    return service;
  };
  const marks = async (): Promise<Iteration['marks']> =>
    (await storage.experiments.openIterations())[0]?.iteration.marks ?? [];
  onTestFinished(() => storage.close());
  return { clock, write, open, marks };
}

describe('a change of the flag of an experiment that runs', () => {
  it('is marked when it is made, by whom, and once', async () => {
    const { write, open, marks, clock } = await setUp();
    const service = await open();
    clock.time += 1_000;
    const { version } = await write(0.4);
    await write(0.4);
    await service.close();
    expect(await marks()).toEqual([{ at: version, what: ['default rule'], flagVersion: version, by: 'ada' }]);
  });

  it('that was made while nobody looked is marked at the next start, and not again at the one after that', async () => {
    const { write, open, marks } = await setUp();
    const { version } = await write(0.4);
    for (let start = 0; start < 2; start++) {
      await (await open()).close();
      expect(await marks()).toMatchObject([{ what: ['default rule'], flagVersion: version }]);
    }
  });

  it('is no mark when nothing has changed for the users', async () => {
    const { write, open, marks } = await setUp();
    const service = await open();
    await write(0.5);
    await service.close();
    expect(await marks()).toEqual([]);
  });

  it('is one of the latest fifty, however often it is changed', async () => {
    const { write, open, marks } = await setUp();
    const service = await open();
    for (let change = 0; change < 60; change++) await write(change % 2 === 0 ? 0.4 : 0.5);
    await service.close();
    expect((await marks()).length).toBeLessThanOrEqual(50);
  });
});

describe('the marks of an iteration', () => {
  const mark = (flagVersion: number, ...what: readonly string[]): Mark => ({ at: 0, what, flagVersion, by: 'ada' });
  const versionsAfter = (marks: readonly Mark[]) =>
    marks.reduce<readonly Mark[]>(withMark, []).map(({ flagVersion }) => flagVersion);
  const switches = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => mark(from + index, 'switch'));
  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

  it.each<[what: string, marks: readonly Mark[], kept: readonly number[]]>([
    ['all of them', [mark(1, 'rules'), ...switches(2, 49)], numbers(1, 50)],
    ['the latest fifty', switches(1, 60), numbers(11, 50)],
    ['the one that makes it unsound', [mark(1, 'rules'), ...switches(2, 60)], [1, ...numbers(13, 49)]],
    ['the first of several', [mark(1, 'rules'), mark(2, 'targets'), ...switches(3, 60)], [1, ...numbers(14, 49)]],
    [
      'one that is among the latest',
      [...switches(1, 30), mark(31, 'switch', 'rules'), ...switches(32, 29)],
      numbers(11, 50),
    ],
  ])('are %s', (_, marks, kept) => {
    expect(versionsAfter(marks)).toEqual(kept);
  });
});
