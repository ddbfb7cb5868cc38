import type { EvaluationContext } from '@openfeature/core';
import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import {
  type BenchUser,
  type Condition,
  type Environment,
  type LogicalFlag,
  withExtras,
} from '../environment/model.js';
import type { Client, Sdk } from './sdk.js';
import { SILENT } from './silent.js';

/**
 * The evaluator of flagd's in-process provider; rules are JsonLogic, which it compiles. It knows no regular expressions,
 * and segments only as shared pieces of logic (`$evaluators`).
 */
export const sdk: Sdk = {
  module: import.meta.url,
  name: '@openfeature/flagd-core',
  isAsync: false,
  noRegex: 'has no regular expressions',
  encode: ({ flags, segments }: Environment) =>
    JSON.stringify({
      flags: Object.fromEntries(flags.flatMap((flag) => (usesRegex(flag) ? [] : [[flag.key, flagdFlag(flag)]]))),
      $evaluators: Object.fromEntries(
        segments.map(({ key, included }) => [key, { in: [{ var: 'targetingKey' }, included] }]),
      ),
    }),
  open: async (text: string) => {
    const core = new FlagdCore(new MemoryStorage(SILENT), SILENT);
    core.setConfigurations(text);
    return new FlagdBench(core);
  },
};

function usesRegex(flag: LogicalFlag): boolean {
  return flag.kind === 'switch' && flag.rules.flat().some(({ test }) => test === 'matches');
}

function flagdFlag(flag: LogicalFlag): object {
  if (flag.kind === 'variants') {
    return {
      state: 'ENABLED',
      variants: Object.fromEntries(flag.values.map(({ value }) => [value, value])),
      defaultVariant: flag.values[0]?.value,
      targeting: { fractional: flag.values.map(({ value, percent }) => [value, percent]) },
    };
  }
  const targeting = switchTargeting(flag);
  return {
    state: flag.enabled ? 'ENABLED' : 'DISABLED',
    variants: { on: true, off: false },
    defaultVariant: flag.share === 100 ? 'on' : 'off',
    ...(targeting === undefined ? {} : { targeting }),
  };
}

function switchTargeting(flag: LogicalFlag & { readonly kind: 'switch' }): object | undefined {
  const branches: unknown[] = [];
  if (flag.targets.length > 0) branches.push({ in: [{ var: 'targetingKey' }, flag.targets] }, 'on');
  for (const conditions of flag.rules) {
    const [first] = conditions;
    if (first === undefined) continue;
    branches.push(conditions.length === 1 ? logic(first) : { and: conditions.map(logic) }, 'on');
  }
  const rest: unknown =
    flag.share > 0 && flag.share < 100
      ? {
          fractional: [
            ['on', flag.share],
            ['off', 100 - flag.share],
          ],
        }
      : undefined;
  if (branches.length === 0) return rest === undefined ? undefined : (rest as object);
  return { if: rest === undefined ? branches : [...branches, rest] };
}

function logic(condition: Condition): object {
  switch (condition.test) {
    case 'equals':
      return { '==': [{ var: condition.attribute }, condition.value] };
    case 'one-of':
      return { in: [{ var: condition.attribute }, condition.values] };
    case 'ends-with':
      return { ends_with: [{ var: condition.attribute }, condition.value] };
    case 'at-least':
      return { '>=': [{ var: condition.attribute }, condition.value] };
    case 'matches':
      throw new Error('flagd knows no regular expressions');
    case 'in-segment':
      return { $ref: condition.segment };
  }
}

class FlagdBench implements Client {
  readonly #core: FlagdCore;

  constructor(core: FlagdCore) {
    this.#core = core;
  }

  prepare(user: BenchUser): EvaluationContext {
    const { key, name, country, plan, age, email } = user;
    return withExtras({ targetingKey: key, name, country, plan, age, email }, user);
  }

  isOn(flagKey: string, context: EvaluationContext): boolean {
    return this.#core.resolveBooleanEvaluation(flagKey, false, context).value;
  }

  text(flagKey: string, context: EvaluationContext): string {
    return this.#core.resolveStringEvaluation(flagKey, '', context).value;
  }

  countOn(context: EvaluationContext): number {
    let count = 0;
    for (const { value } of this.#core.resolveAll(context)) if (value === true) count += 1;
    return count;
  }

  allOn(context: EvaluationContext): ReadonlyMap<string, boolean> {
    return new Map(this.#core.resolveAll(context).map(({ flagKey, value }) => [flagKey, value === true]));
  }

  async flush(): Promise<void> {
    // It sends nothing.
  }

  async close(): Promise<void> {
    // It holds nothing but memory.
  }
}
