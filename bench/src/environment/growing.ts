import { makeEnvironment, makeSegments, makeUsers } from './generate.js';
import { type BenchUser, type Condition, type Environment, type Switch, switchFlag } from './model.js';
import { seededRandom, shuffled } from './random.js';

/** Something of which there can be more and more. */
export interface Growing {
  /** What there is more of. */
  readonly what: string;
  readonly sizes: readonly number[];
  /** One evaluation, or all flags at once; the time is that of a flag in either case. */
  readonly asks: 'one flag' | 'all flags';
  make(size: number): GrownWorld;
}

export interface GrownWorld {
  readonly environment: Environment;
  /** The flag that is asked for. */
  readonly flag: Switch;
  readonly users: readonly BenchUser[];
}

const COMPANIES = 20;

/** Users whose attributes are found behind all others. */
function lastUsers(attributes: (index: number) => Readonly<Record<string, string>>): BenchUser[] {
  return makeUsers(seededRandom(11), 200).map((user, index) => ({ ...user, ...attributes(index) }) as BenchUser);
}

function worldOf(rules: readonly (readonly Condition[])[], users: readonly BenchUser[]): GrownWorld {
  const flag = switchFlag('growing', { rules });
  return { environment: { flags: [flag], segments: [] }, flag, users };
}

const list = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** What grows, in the order of the page. The last rule is always the one that holds. */
export const GROWING: readonly Growing[] = [
  {
    what: 'rules on one attribute',
    sizes: [1, 5, 50, 500, 5_000],
    asks: 'one flag',
    make: (size) =>
      worldOf(
        list(size, (index) => [{ test: 'equals', attribute: 'plan', value: `plan-${index}` }]),
        lastUsers(() => ({ plan: `plan-${size - 1}` })),
      ),
  },
  {
    what: 'rules on two attributes, an end and a list',
    sizes: [1, 5, 50, 500, 5_000],
    asks: 'one flag',
    make: (size) =>
      worldOf(
        list(size, (index): Condition[] => [
          { test: 'ends-with', attribute: 'email', value: `@company-${index % COMPANIES}.example` },
          { test: 'one-of', attribute: 'plan', values: [`plan-${index}`, `trial-${index}`] },
        ]),
        lastUsers((index) => ({
          plan: `plan-${size - 1}`,
          email: `u${index}@company-${(size - 1) % COMPANIES}.example`,
        })),
      ),
  },
  {
    what: 'attributes that one rule asks for',
    sizes: [1, 5, 20, 50],
    asks: 'one flag',
    make: (size) =>
      worldOf(
        [list(size, (index) => ({ test: 'equals', attribute: `extra-${index}`, value: 'yes' }))],
        lastUsers(() => Object.fromEntries(list(size, (index) => [`extra-${index}`, 'yes']))),
      ),
  },
  {
    what: 'individual targets',
    sizes: [10, 1_000, 100_000],
    asks: 'one flag',
    make: (size) => {
      const targets = list(size, (index) => `user-${index}`);
      const flag = switchFlag('growing', { targets });
      const users = lastUsers((index) => ({ key: targets[Math.floor((index * size) / 200)] ?? 'user-0' }));
      return { environment: { flags: [flag], segments: [] }, flag, users };
    },
  },
  {
    what: 'segments that rules ask for, 1,000 keys each',
    sizes: [1, 10, 100],
    asks: 'one flag',
    make: (size) => {
      const segments = list(size, (index) => ({
        key: `segment-${index}`,
        included: list(1_000, (member) => (index === size - 1 ? `user-${member}` : `other-${index}-${member}`)),
      }));
      const flag = switchFlag('growing', { rules: segments.map(({ key }) => [{ test: 'in-segment', segment: key }]) });
      return { environment: { flags: [flag], segments }, flag, users: lastUsers(() => ({})) };
    },
  },
  {
    what: 'flags, one of which is asked for',
    sizes: [10, 200, 2_000, 20_000],
    asks: 'one flag',
    make: (size) => flagsOf(size),
  },
  {
    what: 'flags, all of which are asked for',
    sizes: [10, 200, 2_000, 20_000],
    asks: 'all flags',
    make: (size) => flagsOf(size),
  },
];

/** Flags as applications have them, and one among them that asks for a plan. */
function flagsOf(size: number): GrownWorld {
  const random = seededRandom(size);
  const { flags, segments } = makeEnvironment(random, size - 1, makeSegments(random, 10, [50, 200]));
  const flag = switchFlag('growing', { rules: [[{ test: 'equals', attribute: 'plan', value: 'plan-last' }]] });
  return {
    environment: { flags: shuffled(random, [...flags, flag]), segments },
    flag,
    users: lastUsers(() => ({ plan: 'plan-last' })).slice(0, 50),
  };
}
