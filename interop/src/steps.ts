import { isDeepStrictEqual } from 'node:util';
import type { CenterEnvironment } from './center.js';
import { type Driven, NotOffered, type ValueType, type Who } from './driven.js';
import { everybody, FLAGS_AT_FIRST } from './flags.js';

/** How long a change may take to arrive, in milliseconds; longest after a restart, when the waits of an SDK have grown. */
const CHANGE = 15_000;
const RETURN = 180_000;
const COUNT = 20_000;
const LOOK = 50;

const ADA: Who = { key: 'ada', name: 'Ada' };
const KIM: Who = { key: 'kim', name: 'Kim', custom: { country: 'NZ' } };

/** What a step has. */
interface Scene {
  readonly sdk: Driven;
  readonly environment: CenterEnvironment;
  /** Whether the SDK asks the center for each value, and holds none. */
  readonly asksEachTime: boolean;
  readonly reports: Reports;
}

/** What an SDK reports: evaluations and metrics, only evaluations, or nothing. */
export type Reports = 'all' | 'evaluations' | 'nothing';

export interface Step {
  readonly name: string;
  readonly title: string;
  /** @returns what is worth knowing beside that it went well. @throws with what was seen instead. */
  run(scene: Scene): Promise<string>;
}

/** How a step went. */
export type Outcome =
  | { readonly kind: 'well'; readonly text: string }
  | { readonly kind: 'fault'; readonly seen: string }
  | { readonly kind: 'not-offered' };

const NONE: Outcome = { kind: 'not-offered' };

/** Each with what it leaves as it found it, so that one that fails does not fail the next. */
export const STEPS: readonly Step[] = [
  {
    name: 'start',
    title: 'start',
    async run({ sdk, environment }) {
      await sdk.start(environment.where, ADA);
      return '';
    },
  },
  {
    name: 'values',
    title: 'each type',
    async run({ sdk }) {
      const problems: string[] = [];
      for (const [who, values] of VALUES) {
        for (const { flag, type, value, fallback } of values) {
          const seen = await sdk.evaluate(flag, who, type, fallback);
          if (!isDeepStrictEqual(seen, value))
            problems.push(`\`${flag}\` for \`${who.key}\` is ${differ(seen, value)}`);
        }
      }
      if (problems.length > 0) throw new Error(problems.join(', '));
      return '';
    },
  },
  {
    name: 'push',
    title: 'change',
    async run(scene) {
      await withOtherValue(scene, () => becomes(scene, 'bool', false, CHANGE));
      await becomes(scene, 'bool', true, CHANGE);
      return '';
    },
  },
  {
    name: 'off',
    title: 'off',
    async run(scene) {
      await scene.environment.call('POST', '/flags/bool/toggle', { isEnabled: false });
      try {
        await becomes(scene, 'bool', false, CHANGE);
      } finally {
        await scene.environment.call('POST', '/flags/bool/toggle', { isEnabled: true });
      }
      await becomes(scene, 'bool', true, CHANGE);
      return '';
    },
  },
  {
    name: 'segment',
    title: 'segment',
    async run(scene) {
      const { environment } = scene;
      await becomes(scene, 'staff', false, CHANGE);
      await environment.call('PUT', '/segments/staff', { included: [] });
      try {
        await becomes(scene, 'staff', true, CHANGE);
      } finally {
        await environment.call('PUT', '/segments/staff', { included: ['ada'] });
      }
      await becomes(scene, 'staff', false, CHANGE);
      return '';
    },
  },
  {
    name: 'archive',
    title: 'archive',
    async run(scene) {
      await scene.environment.call('POST', '/flags/colour/archive');
      try {
        await becomes(scene, 'colour', 'the default', CHANGE);
      } finally {
        await scene.environment.call('POST', '/flags/colour/restore');
      }
      await becomes(scene, 'colour', 'red', CHANGE);
      return '';
    },
  },
  {
    name: 'restart',
    title: 'kill -9',
    async run(scene) {
      const { environment, sdk, asksEachTime } = scene;
      await environment.center.kill();
      const kept = await sdk.evaluate('bool', ADA, 'boolean', false);
      await environment.center.start();
      const start = performance.now();
      // While it is away an SDK that holds flags serves what it has.
      if (kept === asksEachTime) throw new Error(`while the center is away: ${differ(kept, !asksEachTime)}`);
      await withOtherValue(scene, async () => {
        await becomes(scene, 'bool', false, RETURN);
      });
      const took = ((performance.now() - start) / 1_000).toFixed(1);
      await becomes(scene, 'bool', true, CHANGE);
      return asksEachTime ? 'the default while it is away' : `${took} s`;
    },
  },
  {
    name: 'outage',
    title: 'missed changes',
    async run(scene) {
      const { environment, asksEachTime } = scene;
      const { center } = environment;
      if (asksEachTime) throw new NotOffered('changes');
      await center.kill();
      // Nobody finds it there.
      await center.start('elsewhere');
      await switchAll(environment, false);
      await center.kill();
      await center.start();
      try {
        for (const [flag, { off }] of SWITCHED) await becomes(scene, flag, off, RETURN);
      } finally {
        await switchAll(environment, true);
      }
      for (const [flag, { on }] of SWITCHED) await becomes(scene, flag, on, CHANGE);
      return '';
    },
  },
  {
    name: 'events',
    title: 'events',
    async run({ sdk, environment, reports }) {
      if (reports === 'nothing') throw new NotOffered('events');
      const track = async (name: string, value: number): Promise<void> => {
        if (reports === 'all') await sdk.track(ADA, name, value);
      };
      await sdk.evaluate(LAST_FLAG, ADA, 'boolean', false);
      await track(LAST_METRIC, 1);
      await sdk.flush();
      await settled(environment);
      await environment.call('DELETE', '/insights');
      for (const flag of COUNTED) await sdk.evaluate(flag, ADA, TYPES[flag], FALLBACKS[TYPES[flag]]);
      await track('bought', 2.5);
      await sdk.flush();
      const metrics = reports === 'all' ? ['bought 1 2.5'] : [];
      const expected = { flags: COUNTED.map((key) => `${key} 1`).sort(), metrics, rejected: 0 };
      let seen: unknown;
      await until(
        async () => {
          const { flags, metrics, rejected } = await environment.insights();
          seen = {
            flags: flags.map(({ key, count }) => `${key} ${count}`).sort(),
            metrics: metrics.map(({ eventName, count, sum }) => `${eventName} ${count} ${sum}`),
            rejected,
          };
          return isDeepStrictEqual(seen, expected);
        },
        COUNT,
        () => differ(seen, expected),
      );
      const count = COUNTED.length + metrics.length;
      return `${count} of ${count}`;
    },
  },
  {
    name: 'experiments',
    title: 'experiments',
    async run({ environment }) {
      // Every evaluation of these flags may count in an experiment.
      const { flags } = await environment.insights();
      const marked = flags.flatMap(({ variations }) => variations).reduce((sum, one) => sum + one.experimentCount, 0);
      if (marked < COUNTED.length)
        throw new Error(`${marked} of ${COUNTED.length} evaluations are marked for experiments`);
      return `${marked} of ${COUNTED.length}`;
    },
  },
  {
    name: 'close',
    title: 'close',
    async run({ sdk, environment, asksEachTime }) {
      await sdk.close();
      if (asksEachTime) return '';
      await until(async () => (await environment.connections()) === 0, CHANGE, 'its connection stays');
      return '';
    },
  },
];

const TYPES = { bool: 'boolean', colour: 'string', size: 'number', shape: 'json', staff: 'boolean' } as const;
/** Flags that are changed while nobody looks: several, since an SDK may take them in any order. */
const SWITCHED = [
  ['bool', { on: true, off: false }],
  ['colour', { on: 'red', off: 'blue' }],
  ['size', { on: 1.5, off: 0 }],
  ['shape', { on: { a: [1] }, off: {} }],
] as const;
/** What no step before has asked for or reported: when it has arrived, so has all that was before it. */
const LAST_FLAG = 'team/one';
const LAST_METRIC = 'last';
const COUNTED = ['bool', 'colour', 'size'] as const;
const FALLBACKS = { boolean: false, string: 'the default', number: -1, json: { no: 'flag' } } as const;

const VALUES: readonly (readonly [
  Who,
  readonly { flag: string; type: ValueType; value: unknown; fallback: unknown }[],
])[] = [
  [
    ADA,
    values([
      ['bool', true],
      ['colour', 'red'],
      ['size', 1.5],
      ['shape', { a: [1] }],
    ]),
  ],
  [
    KIM,
    values([
      ['bool', false],
      ['colour', 'blue'],
      ['size', 0],
      ['shape', {}],
    ]),
  ],
  [ADA, [{ flag: 'no-such-flag', type: 'string', value: 'the default', fallback: 'the default' }]],
];

function values(table: readonly (readonly [keyof typeof TYPES, unknown])[]) {
  return table.map(([flag, value]) => {
    const type = TYPES[flag];
    // The fallback is always another value, so that it cannot be taken for the flag's.
    const fallback = type === 'boolean' ? !value : FALLBACKS[type];
    return { flag, type, value, fallback };
  });
}

/** Plays the steps one after another; a start that fails ends it, since nothing else would say anything. */
export async function play(
  scene: Scene,
  report: (step: Step, outcome: Outcome) => void,
): Promise<Readonly<Record<string, Outcome>>> {
  const outcomes: Record<string, Outcome> = {};
  for (const step of STEPS) {
    // Without events nothing can be marked.
    const isVain = step.name === 'experiments' && outcomes.events?.kind !== 'well';
    const outcome = isVain ? NONE : await outcomeOf(step, scene);
    outcomes[step.name] = outcome;
    report(step, outcome);
    if (step.name === 'start' && outcome.kind === 'fault') break;
  }
  return outcomes;
}

async function outcomeOf(step: Step, scene: Scene): Promise<Outcome> {
  try {
    return { kind: 'well', text: await step.run(scene) };
  } catch (error) {
    if (error instanceof NotOffered) return NONE;
    return { kind: 'fault', seen: error instanceof Error ? error.message : String(error) };
  }
}

/** While everybody is served the other variation of `bool`. */
async function withOtherValue({ environment }: Scene, work: () => Promise<void>): Promise<void> {
  const flag = FLAGS_AT_FIRST.find(({ key }) => key === 'bool');
  await environment.call('PUT', '/flags/bool', { ...flag, fallthrough: { variations: everybody('off') } });
  try {
    await work();
  } finally {
    await environment.call('PUT', '/flags/bool', flag);
  }
}

async function switchAll(environment: CenterEnvironment, isEnabled: boolean): Promise<void> {
  for (const [flag] of SWITCHED) await environment.call('POST', `/flags/${flag}/toggle`, { isEnabled });
}

async function becomes({ sdk }: Scene, flag: keyof typeof TYPES, value: unknown, within: number): Promise<void> {
  const type = TYPES[flag];
  const fallback = type === 'boolean' ? !value : FALLBACKS[type];
  let seen: unknown;
  await until(
    async () => {
      seen = await sdk.evaluate(flag, ADA, type, fallback);
      return isDeepStrictEqual(seen, value);
    },
    within,
    () => `\`${flag}\` is ${differ(seen, value)} after ${within / 1_000} s`,
  );
}

/** Waits until the events of before have arrived, the last one and those that were overtaken by it. */
async function settled(environment: CenterEnvironment): Promise<void> {
  let before: unknown;
  await until(
    async () => {
      const now = await environment.insights();
      const isSame = isDeepStrictEqual(now, before);
      before = now;
      const hasLast = [...now.flags.map(({ key }) => key), ...now.metrics.map(({ eventName }) => eventName)].some(
        (name) => name === LAST_FLAG || name === LAST_METRIC,
      );
      if (isSame && hasLast) return true;
      await new Promise((resolve) => setTimeout(resolve, 20 * LOOK));
      return false;
    },
    COUNT,
    'no event arrives',
  );
}

async function until(check: () => Promise<boolean>, within: number, what: string | (() => string)): Promise<void> {
  const end = performance.now() + within;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(typeof what === 'string' ? what : what());
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

function differ(seen: unknown, expected: unknown): string {
  return `${JSON.stringify(seen)} and not ${JSON.stringify(expected)}`;
}
