import { bucketOf } from 'fbclient/core';
import type { Client, Sdk } from '../adapters/sdk.js';
import type { BenchUser, Condition, Environment, LogicalFlag, TextAttribute } from '../environment/model.js';

/**
 * A limit: all flags by the plainest loop there is, over one object for each with its table of targets and its conditions, which knows nothing of
 * damage, warnings, experiments, other operators or other users than those of the benchmark. What it takes longer for a flag among many, the
 * processor takes: for memory that is not in its cache, and for branches that it cannot foresee.
 */
export const sdk: Sdk = {
  name: 'bare loop',
  module: import.meta.url,
  isAsync: false,
  encode: (environment) => JSON.stringify(environment),
  open: async (text) => new BareLoop(JSON.parse(text) as Environment),
};

interface Result {
  readonly flagKey: string;
  readonly value: string;
  readonly variationId: string;
}

interface Flag {
  readonly key: string;
  readonly enabled: boolean;
  readonly on: { readonly id: string; readonly value: string };
  readonly off: Flag['on'];
  readonly targets: ReadonlySet<string> | undefined;
  readonly rules: readonly (readonly Test[])[] | undefined;
  readonly share: number;
}

type Test =
  | { readonly test: 'equals'; readonly attribute: TextAttribute; readonly value: string }
  | { readonly test: 'one-of'; readonly attribute: TextAttribute; readonly values: ReadonlySet<string> }
  | { readonly test: 'at-least'; readonly value: number }
  | { readonly test: 'in-segment'; readonly included: ReadonlySet<string> };

class BareLoop implements Client {
  readonly #flags: readonly Flag[];

  constructor({ flags, segments }: Environment) {
    const included = new Map(segments.map((segment) => [segment.key, new Set(segment.included)]));
    this.#flags = flags.map((flag) => flagOf(flag, included));
  }

  prepare(user: BenchUser): BenchUser {
    return user;
  }

  isOn(): never {
    throw new Error('only all flags are asked for');
  }

  text(): never {
    return this.isOn();
  }

  countOn(user: BenchUser): number {
    let count = 0;
    for (const { value } of this.#all(user)) if (value === 'true') count += 1;
    return count;
  }

  allOn(user: BenchUser): ReadonlyMap<string, boolean> {
    return new Map(this.#all(user).map(({ flagKey, value }) => [flagKey, value === 'true']));
  }

  async flush(): Promise<void> {
    // There are no events.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #all(user: BenchUser): Result[] {
    return this.#flags.map((flag) => {
      const { value, id } = isOn(flag, user) ? flag.on : flag.off;
      return { flagKey: flag.key, value, variationId: id };
    });
  }
}

function flagOf(flag: LogicalFlag, included: ReadonlyMap<string, ReadonlySet<string>>): Flag {
  if (flag.kind !== 'switch') throw new Error('only switches are asked for');
  const { key, enabled, targets, rules, share } = flag;
  return {
    key,
    enabled,
    on: { id: crypto.randomUUID(), value: 'true' },
    off: { id: crypto.randomUUID(), value: 'false' },
    targets: targets.length === 0 ? undefined : new Set(targets),
    rules: rules.length === 0 ? undefined : rules.map((rule) => rule.map((condition) => testOf(condition, included))),
    share: share / 100,
  };
}

function testOf(condition: Condition, included: ReadonlyMap<string, ReadonlySet<string>>): Test {
  switch (condition.test) {
    case 'equals':
      return condition;
    case 'one-of':
      return { ...condition, values: new Set(condition.values) };
    case 'at-least':
      return { test: 'at-least', value: condition.value };
    case 'in-segment':
      return { test: 'in-segment', included: included.get(condition.segment) ?? new Set() };
    default:
      throw new Error(`no flag of these asks for "${condition.test}"`);
  }
}

function isOn({ key, enabled, targets, rules, share }: Flag, user: BenchUser): boolean {
  if (!enabled) return false;
  if (targets?.has(user.key) === true) return true;
  if (rules?.some((rule) => rule.every((test) => holds(test, user))) === true) return true;
  return share === 0 || share === 1 ? share === 1 : bucketOf(key, user.key) <= share;
}

function holds(test: Test, user: BenchUser): boolean {
  switch (test.test) {
    case 'equals':
      return textOf(user, test.attribute) === test.value;
    case 'one-of':
      return test.values.has(textOf(user, test.attribute));
    case 'at-least':
      return user.age >= test.value;
    case 'in-segment':
      return test.included.has(user.key);
  }
}

/** Each attribute read where it is named: by a variable name it takes several times as long. */
function textOf(user: BenchUser, attribute: TextAttribute): string {
  switch (attribute) {
    case 'country':
      return user.country;
    case 'plan':
      return user.plan;
    case 'email':
      return user.email;
    default:
      return user[attribute] ?? '';
  }
}
