import { makeEnvironment, makeSegments, makeUsers, PLANS } from './generate.js';
import { type BenchUser, type Condition, type Environment, type Switch, switchFlag, type Variants } from './model.js';
import { pick, seededRandom, shuffled } from './random.js';

/** One evaluation of the mixed day. */
export interface MixedStep {
  readonly flag: Switch | Variants;
  readonly user: BenchUser;
}

/** A workload in which one switch is asked for, user after user. */
export interface SwitchWorkload {
  readonly flag: Switch;
  readonly users: readonly BenchUser[];
}

/** Everything that the evaluation workloads need; one environment for those that ask for single flags, one for bulk. */
export interface Workloads {
  readonly environment: Environment;
  readonly target: SwitchWorkload;
  readonly rules: SwitchWorkload;
  readonly rollout: SwitchWorkload;
  readonly segment: SwitchWorkload;
  readonly regex: SwitchWorkload;
  /** More different texts than an SDK may remember the answers for: what the engine itself costs. */
  readonly regexOnce: SwitchWorkload;
  readonly mixed: readonly MixedStep[];
  readonly bulk: { readonly environment: Environment; readonly users: readonly BenchUser[] };
}

/** What a mixed day consists of, in percent of its evaluations. */
export const MIXED_WEIGHTS = {
  'plainly on': 30,
  disabled: 10,
  'individual targets': 15,
  rules: 20,
  segment: 10,
  rollout: 10,
  'string variants': 5,
} as const;

const SEED = 20_240_501;

export function makeWorkloads(): Workloads {
  const random = seededRandom(SEED);
  const users = makeUsers(random, 10_000);
  const everyTenth = users.filter((_, i) => i % 10 === 0);
  const flags = {
    target: switchFlag('individual-target', { targets: keysOf(everyTenth) }),
    rules: switchFlag('five-rules', { rules: fiveRules(shuffled(random, PLANS)) }),
    rollout: switchFlag('percentage-rollout', { share: 25 }),
    segment: switchFlag('in-segment', { rules: [[{ test: 'in-segment', segment: 'ten-thousand' }]] }),
    regex: switchFlag('corporate-mail', {
      rules: [[{ test: 'matches', attribute: 'email', pattern: '^[a-z0-9._-]+@(?:corp|internal)\\.example\\.com$' }]],
    }),
    on: switchFlag('plainly-on', { share: 100 }),
    disabled: switchFlag('disabled', { enabled: false, share: 100 }),
    fewTargets: switchFlag('few-targets', { targets: keysOf(everyTenth.slice(0, 50)) }),
    twoRules: switchFlag('two-rules', {
      rules: [
        [{ test: 'equals', attribute: 'country', value: 'DE' }],
        [
          { test: 'at-least', attribute: 'age', value: 40 },
          { test: 'one-of', attribute: 'plan', values: PLANS.slice(0, 10) },
        ],
      ],
    }),
    variants: {
      kind: 'variants',
      key: 'banner-colour',
      values: [
        { value: 'blue', percent: 50 },
        { value: 'green', percent: 30 },
        { value: 'red', percent: 20 },
      ],
    } satisfies Variants,
  };
  const environment: Environment = {
    flags: Object.values(flags),
    segments: [{ key: 'ten-thousand', included: shuffled(random, keysOf(users)) }],
  };
  const mixed: MixedStep[] = [
    ...steps(flags.on, MIXED_WEIGHTS['plainly on']),
    ...steps(flags.disabled, MIXED_WEIGHTS.disabled),
    ...steps(flags.fewTargets, MIXED_WEIGHTS['individual targets']),
    ...steps(flags.twoRules, MIXED_WEIGHTS.rules),
    ...steps(flags.segment, MIXED_WEIGHTS.segment),
    ...steps(flags.rollout, MIXED_WEIGHTS.rollout),
    ...steps(flags.variants, MIXED_WEIGHTS['string variants']),
  ];
  function steps(flag: Switch | Variants, percent: number): MixedStep[] {
    return Array.from({ length: percent * 10 }, () => ({ flag, user: pick(random, everyTenth) }));
  }
  return {
    environment,
    target: { flag: flags.target, users: shuffled(random, everyTenth) },
    rules: { flag: flags.rules, users: everyTenth },
    rollout: { flag: flags.rollout, users },
    segment: { flag: flags.segment, users: shuffled(random, everyTenth) },
    regex: { flag: flags.regex, users: everyTenth },
    // Of its own seed and made when it is asked for: it is more than all others take.
    get regexOnce() {
      return { flag: flags.regex, users: makeUsers(seededRandom(SEED + 1), 50_000) };
    },
    mixed: shuffled(random, mixed),
    bulk: {
      environment: makeEnvironment(random, 200, makeSegments(random, 10, [50, 200])),
      users: everyTenth.slice(0, 50),
    },
  };
}

/** Only the last rule matches; in the others the second condition fails, so that nine or ten conditions are tried. */
function fiveRules(plans: readonly string[]): Condition[][] {
  const anyPlan: Condition = { test: 'one-of', attribute: 'plan', values: plans };
  const noPlan: Condition = { test: 'one-of', attribute: 'plan', values: plans.map((plan) => `former-${plan}`) };
  const adult: Condition = { test: 'at-least', attribute: 'age', value: 18 };
  const nobodyIsSoOld: Condition = { test: 'at-least', attribute: 'age', value: 120 };
  const nowhere: Condition = { test: 'equals', attribute: 'country', value: 'AQ' };
  return [
    [adult, nowhere],
    [anyPlan, nobodyIsSoOld],
    [adult, noPlan],
    [anyPlan, nowhere],
    [adult, anyPlan],
  ];
}

function keysOf(users: readonly BenchUser[]): string[] {
  return users.map(({ key }) => key);
}
