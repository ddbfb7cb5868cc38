/** Flags with so many rules that an SDK may find the one that decides in another way than by trying each. */
import { evaluate } from '../reference/evaluate.js';
import { guidOf } from '../reference/guid.js';
import { chance, integer, pick, type Random, seededRandom } from '../reference/random.js';
import type { Condition, Flag, FlagRule, User } from '../reference/wire.js';
import type { Trial } from '../suite/trial.js';
import { type Behaviour, flag, fullOf, second } from './support.js';

/** Around the sizes at which an index may begin, or become another one. */
const RULES = [2, 5, 9, 31, 32, 33, 64, 65, 150] as const;
const USERS_EACH = 20;
const FALLBACK = 'fallback';

const is = (property: string, op: string | null, value: string): Condition => ({ property, op, value });

/** Conditions that can be looked up, and some that cannot; each holds for some of the users. */
const SOUND: readonly [Make, ...Make[]] = [
  (random) => is('plan', 'Equal', plan(random)),
  (random) => is('plan', 'IsOneOf', JSON.stringify([plan(random), plan(random), plan(random)])),
  (random) => is('plan', 'NotOneOf', JSON.stringify([plan(random), plan(random)])),
  (random) => is('mail', 'StartsWith', `u${integer(random, 0, 30)}`),
  (random) => is('mail', 'EndsWith', `${integer(random, 0, 3)}.example`),
  (random) => is('age', pick(random, ['LessThan', 'LessEqualThan']), String(integer(random, 10, 60))),
  (random) => is('age', pick(random, ['BiggerThan', 'BiggerEqualThan']), String(integer(random, 10, 60))),
  (random) => is('mail', 'Contains', String(integer(random, 0, 9))),
  (random) => is('keyId', 'Equal', `u${integer(random, 0, 30)}`),
];

/** Conditions that fail the flag where they are reached. */
const DAMAGED: readonly [Make, ...Make[]] = [
  () => is('plan', 'IsOneOf', 'no list'),
  () => is('mail', 'MatchRegex', '('),
  () => is('User is in segment', null, JSON.stringify([guidOf('there is no such segment')])),
];

type Make = (random: Random) => Condition;

const plan = (random: Random): string => `plan-${integer(random, 0, 19)}`;

/** A rule with a variation of its own, so that the value tells which rule has decided. */
function rule(random: Random, index: number, damage: number): FlagRule {
  const conditions = Array.from({ length: integer(random, 1, 3) }, () =>
    pick(random, chance(random, damage) ? DAMAGED : SOUND)(random),
  );
  return {
    id: guidOf(`rule ${index}`),
    name: `rule ${index}`,
    includedInExpt: false,
    conditions,
    variations: [{ id: guidOf(`value ${index}`), rollout: [0, 1], exptRollout: 1 }],
  };
}

function manyRules(random: Random, key: string, count: number, damage: number): Flag {
  const own = Array.from({ length: count }, (_, index) => ({ id: guidOf(`value ${index}`), value: `rule ${index}` }));
  const plain = flag(key, 'none', second(1));
  return {
    ...plain,
    variations: [...plain.variations, ...own],
    rules: own.map((_, index) => rule(random, index, damage)),
  };
}

function randomUser(random: Random): User {
  const number = integer(random, 0, 30);
  const age = integer(random, 10, 60);
  return {
    key: `u${number}`,
    custom: {
      ...(chance(random, 0.9) ? { plan: plan(random) } : {}),
      ...(chance(random, 0.9) ? { mail: `u${number}@host-${integer(random, 0, 3)}.example` } : {}),
      ...(chance(random, 0.9) ? { age: chance(random, 0.3) ? String(age) : age } : {}),
    },
  };
}

/** Evaluates flags with many rules, and compares each value with that of the reference. */
function compared(seed: number, damage: number) {
  return async (trial: Trial): Promise<void> => {
    const random = seededRandom(seed);
    const flags = RULES.map((count) => manyRules(random, `rules-${count}`, count, damage));
    const server = await trial.server();
    server.onDataSync = () => fullOf(...flags);
    const client = await trial.client(server);
    await client.ready();
    for (const { key } of flags) {
      for (let turn = 0; turn < USERS_EACH; turn++) {
        const user = randomUser(random);
        const { value } = await client.evaluate(key, user, 'string', FALLBACK);
        const expected = evaluate({ flags, segments: [] }, key, user, 'string', FALLBACK);
        trial.equal(`the value of ${key} for ${JSON.stringify(user)}`, value, expected.value);
      }
    }
  };
}

export const manyRulesCases: readonly Behaviour[] = [
  {
    id: 'many-rules',
    rule: 'eval.rule-order',
    description: `Of up to ${RULES.at(-1)} rules the first whose conditions all hold serves.`,
    needs: ['streaming'],
    run: compared(31, 0),
  },
  {
    id: 'damage-among-many-rules',
    rule: 'eval.short-circuit',
    description: `Damage in some of up to ${RULES.at(-1)} rules counts where it is reached, and nowhere else.`,
    needs: ['streaming'],
    run: compared(32, 0.04),
  },
];
