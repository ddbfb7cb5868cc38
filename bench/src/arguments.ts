import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SDKS } from './adapters/all.js';
import { entryOf } from './adapters/before.js';
import type { Sdk } from './adapters/sdk.js';
import { EVALUATION_WORKLOADS, type EvaluationWorkload, SECTIONS, type Section } from './help.js';

export interface Arguments {
  readonly sections: readonly Section[];
  readonly sdks: readonly Sdk[];
  readonly workloads: readonly EvaluationWorkload[];
  /** The quick form, with bars. */
  readonly isCheck: boolean;
  /** Whether the page gets the tables. */
  readonly isWritten: boolean;
  /** Rounds instead of those that each section has by itself. */
  readonly rounds: number | undefined;
  /** The folder of an earlier build of fbclient, which is measured beside this one. */
  readonly before: string | undefined;
}

/** @returns what was asked for, or a sentence on what is wrong with it. */
export function readArguments(given: readonly string[]): Arguments | 'help' | { readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...given],
      options: {
        section: { type: 'string' },
        workload: { type: 'string' },
        sdk: { type: 'string' },
        rounds: { type: 'string' },
        before: { type: 'string' },
        'no-write': { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)) {
      throw new Error('--rounds must be a whole number from 1');
    }
    const { before } = values;
    if (before !== undefined && !existsSync(entryOf(before))) {
      throw new Error(`--before: there is no ${entryOf(before)}; --help says how to make it`);
    }
    const workloads = Object.keys(EVALUATION_WORKLOADS) as EvaluationWorkload[];
    const parts = names(values.sdk);
    const sdks = SDKS.filter(({ name }) => parts === undefined || parts.some((part) => name.includes(part)));
    if (sdks.length === 0)
      throw new Error(`--sdk: no package is called like that; there are ${SDKS.map(({ name }) => name).join(', ')}`);
    return {
      sections: chosen('--section', SECTIONS, names(values.section)),
      sdks,
      workloads: chosen('--workload', workloads, names(values.workload)),
      isCheck: values.check,
      isWritten: !values['no-write'] && !values.check && sdks.length === SDKS.length && values.workload === undefined,
      rounds,
      before,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function names(list: string | undefined): string[] | undefined {
  return list?.split(',').map((name) => name.trim());
}

function chosen<T extends string>(
  option: string,
  all: readonly T[],
  given: readonly string[] | undefined,
): readonly T[] {
  const unknown = given?.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`${option}: there is no "${unknown}"; there are ${all.join(', ')}`);
  return given === undefined ? all : all.filter((name) => given.includes(name));
}
