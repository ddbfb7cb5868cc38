import type { Adapter, Sdk } from '../adapters/sdk.js';
import type { EvaluationJob } from '../evaluation/child.js';
import type { LimitJob } from '../evaluation/limit-child.js';
import { LIMITS, limitsOf } from '../evaluation/limits.js';
import type { EvaluationWorkload } from '../help.js';
import type { LoopSettings } from '../measure/loops.js';
import { inTurns } from '../measure/rounds.js';
import { inFreshProcess } from '../process/job.js';

/** Nanoseconds of CPU time an operation, one for each round. */
export type Times = readonly number[];

export interface EvaluationResult {
  readonly workload: EvaluationWorkload;
  /** By SDK. */
  readonly sdks: ReadonlyMap<string, Times>;
  /** By limit. */
  readonly limits: ReadonlyMap<string, Times>;
}

interface Contestant {
  readonly name: string;
  readonly isLimit: boolean;
  run(): Promise<number>;
}

/**
 * Measures evaluation with events off: every workload, all SDKs in turns.
 *
 * @param rounds fresh processes for each SDK and workload.
 */
export async function measureEvaluation(
  sdks: readonly Sdk[],
  workloads: readonly EvaluationWorkload[],
  rounds: number,
  settings: LoopSettings,
): Promise<EvaluationResult[]> {
  const results: EvaluationResult[] = [];
  for (const workload of workloads) {
    const able = sdks.filter(({ noRegex }) => !workload.startsWith('regex') || noRegex === undefined);
    const contestants = [
      ...able.map((sdk) => sdkContestant(sdk, workload, settings)),
      ...limitContestants(workload, settings),
    ];
    const measured = await inTurns(contestants, rounds, (contestant) => contestant.run());
    const part = (isLimit: boolean): Map<string, Times> =>
      new Map([...measured].filter(([one]) => one.isLimit === isLimit).map(([{ name }, times]) => [name, times]));
    results.push({ workload, sdks: part(false), limits: part(true) });
  }
  return results;
}

function sdkContestant({ name, module }: Adapter, workload: EvaluationWorkload, settings: LoopSettings): Contestant {
  const file = new URL('../evaluation/child.js', import.meta.url);
  const run = () => inFreshProcess<EvaluationJob, number>(name, file, { module, workload, settings });
  return { name, isLimit: false, run };
}

function limitContestants(workload: EvaluationWorkload, settings: LoopSettings): Contestant[] {
  const file = new URL('../evaluation/limit-child.js', import.meta.url);
  return limitsOf(workload).map((one) => {
    const name = LIMITS[one.limit];
    return { name, isLimit: true, run: () => inFreshProcess<LimitJob, number>(name, file, { ...one, settings }) };
  });
}
