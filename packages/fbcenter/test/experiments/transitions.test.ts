import { describe, expect, it, onTestFinished } from 'vitest';
import { ExperimentIntake } from '../../src/experiments/intake/intake.js';
import { type ExperimentAction, LIFE } from '../../src/experiments/life.js';
import type { ExperimentTarget } from '../../src/experiments/target.js';
import { Transitions } from '../../src/experiments/transitions.js';
import type { Experiment, ExperimentState } from '../../src/model/experiment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { someSettings } from '../support/experiment-situation.js';
import { anIteration, SOMEBODY } from '../support/experiments.js';
import { FakeClock } from '../support/fake-clock.js';

const KEY = 'bigger-button';
/** What the audit log calls each action. */
const ACTS: Readonly<Record<ExperimentAction, string>> = {
  edit: 'update',
  start: 'start',
  pause: 'pause',
  resume: 'resume',
  restart: 'restart',
  stop: 'stop',
  decide: 'decide',
  recount: 'recount',
  archive: 'archive',
  restore: 'restore',
  delete: 'delete',
};
const STATES = Object.keys(LIFE) as readonly ExperimentState[];
const cells = STATES.flatMap((state) =>
  (Object.keys(ACTS) as readonly ExperimentAction[]).map((action) => ({ state, action, next: LIFE[state][action] })),
);

/** What can be done in each state, as a refusal says it. */
const POSSIBLE: Readonly<Record<ExperimentState, string>> = {
  draft: 'edit, start, delete',
  running: 'pause, restart, stop, decide, recount',
  paused: 'resume, restart, stop, decide, recount',
  stopped: 'edit, start, decide, recount, archive',
  archived: 'restore, delete',
};

/** An experiment in a state; one that runs or is paused has an iteration. */
async function setUp(state: ExperimentState = 'running') {
  const clock = new FakeClock();
  const storage = openSqliteStorage({ clock });
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const intake = new ExperimentIntake({ experiments: storage.experiments, data: storage.experimentData, clock });
  const experiment: Experiment = {
    ...{ key: KEY, revision: 7, state, settings: someSettings(), decision: null },
    ...{ createdAt: clock.time, createdBy: SOMEBODY, updatedAt: clock.time },
  };
  await storage.experiments.save(environment.id, experiment, 0);
  const start = clock.time;
  if (state === 'running' || state === 'paused') {
    const pauses = [
      { from: start + 10, to: start + 20 },
      ...(state === 'paused' ? [{ from: start + 30, to: null }] : []),
    ];
    await storage.experiments.addIteration(environment.id, { ...anIteration(start), pauses });
  }
  await intake.load();
  const changes: string[] = [];
  const transitions = new Transitions({
    storage,
    clock,
    intake,
    changed: (...change) => changes.push(change.join(' ')),
  });
  const target: ExperimentTarget = { environment, key: KEY, by: SOMEBODY, note: { comment: 'because' } };
  clock.time += 60_000;
  const entries = () => storage.audit.list({ kind: 'experiment', limit: 10 });
  const kept = () => storage.experiments.get(environment.id, KEY);
  const iteration = async () => (await storage.experiments.iterations(environment.id, KEY)).at(-1);
  return { clock, storage, environment, experiment, transitions, target, changes, start, entries, kept, iteration };
}

describe('a transition', () => {
  it.each(cells.filter(({ next }) => next === null))(
    '$action of what is $state is refused, and nothing is changed',
    async ({ state, action }) => {
      const { transitions, target, experiment, changes, entries, kept } = await setUp(state);
      await expect(transitions.make(target, experiment, action, {})).rejects.toMatchObject({
        code: 'wrong-state',
        message: `The experiment is ${state}: what can be done with it is ${POSSIBLE[state]}.`,
      });
      expect(await kept()).toEqual(experiment);
      expect([await entries(), changes]).toEqual([[], []]);
    },
  );

  it.each(cells.filter(({ next }) => next !== null && next !== 'deleted'))(
    '$action of what is $state makes it $next, a revision later, and is written down',
    async ({ state, action, next }) => {
      const { transitions, target, experiment, changes, entries, kept, clock, environment } = await setUp(state);
      const changed = await transitions.make(target, experiment, action, {});
      expect(changed).toEqual({ ...experiment, state: next, revision: 8, updatedAt: clock.time });
      expect(await kept()).toEqual(changed);
      expect(changes).toEqual([`${environment.id} ${KEY}`]);
      expect(await entries()).toMatchObject([
        {
          ...{ actor: SOMEBODY, action: ACTS[action], comment: 'because' },
          subject: { kind: 'experiment', key: KEY, environment: environment.key },
          fields: state === next ? [] : ['state'],
        },
      ]);
    },
  );

  it.each(cells.filter(({ next }) => next === 'deleted'))(
    '$action of what is $state is left to whoever asks',
    async ({ state, action }) => {
      const { transitions, target, experiment, changes, entries, kept } = await setUp(state);
      expect(await transitions.make(target, experiment, action, {})).toBe(experiment);
      expect(await kept()).toEqual(experiment);
      expect([await entries(), changes]).toEqual([[], []]);
    },
  );

  it.each<[string, number]>([
    ['the caller has seen', 6],
    ['was never there', 8],
  ])('on the condition of a revision that %s is refused', async (_, revision) => {
    const { transitions, target, experiment, kept } = await setUp();
    const precondition = (own: number | undefined) => own === revision;
    await expect(transitions.make({ ...target, precondition }, experiment, 'pause', {})).rejects.toMatchObject({
      code: 'version-mismatch',
      message: 'The experiment has changed meanwhile: read it again, then repeat the change.',
    });
    expect(await kept()).toEqual(experiment);
  });

  it('whose experiment was changed by somebody quicker is refused, with what it would have done', async () => {
    const { transitions, target, experiment, kept, entries } = await setUp();
    const quicker = await transitions.make(target, experiment, 'pause', {});
    let worked = 0;
    const slower = transitions.make(target, experiment, 'stop', {}, async () => {
      worked += 1;
    });
    await expect(slower).rejects.toMatchObject({ code: 'version-mismatch' });
    expect(worked).toBe(0);
    expect(await kept()).toEqual(quicker);
    expect(await entries()).toHaveLength(1);
  });

  it('of which a part fails is not made at all', async () => {
    const { transitions, target, experiment, kept, entries, changes } = await setUp();
    const failing = transitions.make(target, experiment, 'stop', {}, async () => {
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(await kept()).toEqual(experiment);
    expect([await entries(), changes]).toEqual([[], []]);
  });

  it('with a decision says which, and what is served', async () => {
    const { transitions, target, experiment, storage, entries, clock } = await setUp();
    const decision = { kind: 'roll-out', variation: 'on', at: clock.time, by: SOMEBODY } as const;
    await transitions.make(target, experiment, 'decide', { decision });
    const [entry] = await entries();
    const { before, after } = (await storage.audit.get(entry?.id ?? 0)) ?? {};
    expect(JSON.parse(before ?? '')).toEqual({ state: 'running', ...someSettings() });
    expect(JSON.parse(after ?? '')).toEqual({
      ...{ state: 'stopped', decision: 'roll-out', served: 'on' },
      ...someSettings(),
    });
  });
});

describe('the iteration that runs', () => {
  it('is changed with its experiment, at the same moment', async () => {
    const { transitions, target, experiment, iteration, clock } = await setUp();
    await transitions.makeWithin(target, experiment, 'pause', (one, now) => ({
      ...one,
      pauses: [...one.pauses, { from: now, to: null }],
    }));
    expect((await iteration())?.pauses.at(-1)).toEqual({ from: clock.time, to: null });
  });

  it('is changed after the newest event that counts, however far ahead the clock of its SDK is', async () => {
    const { transitions, target, experiment, iteration, storage, environment, clock } = await setUp();
    const at = clock.time + 120_000;
    const running = await iteration();
    if (running === undefined) throw new Error('One runs.');
    const event = { kind: 'exposure', user: 1, at, place: 0, iteration: running.id, variation: 0 } as const;
    const request = { hash: 'a'.repeat(32), events: [event], next: undefined, uncounted: new Map() };
    await storage.experimentData.take(environment.id, [request], [running]);
    let moment = 0;
    await transitions.make(target, experiment, 'stop', {}, async (_, now) => {
      moment = now;
    });
    expect(moment).toBe(at + 1);
  });

  it.each(['running', 'paused'] as const)('of what is %s ends with its pauses, by whoever ends it', async (state) => {
    const { transitions, target, experiment, iteration, start, clock } = await setUp(state);
    await transitions.make(target, experiment, 'stop', {}, (experiments, now) =>
      transitions.end(target, now, experiments),
    );
    const end = clock.time;
    const pauses = [
      { from: start + 10, to: start + 20 },
      ...(state === 'paused' ? [{ from: start + 30, to: end }] : []),
    ];
    expect(await iteration()).toMatchObject({ end, pauses, stoppedBy: SOMEBODY, isFrozen: false });
  });

  it.each(['draft', 'stopped', 'archived'] as const)('is none of what is %s: nothing is ended', async (state) => {
    const { transitions, target, storage, iteration } = await setUp(state);
    await transitions.end(target, 5, storage.experiments);
    expect(await iteration()).toBeUndefined();
  });
});
