import type { EvaluationSeries } from '../evaluation/hooked-evaluator.js';
import type { EvaluationResult } from '../evaluation/result.js';
import type { FBUser } from '../evaluation/types.js';

/**
 * Code of the application's that is called around every evaluation and after every metric: for logs, traces, tests, audits.
 * It looks on: nothing that it does changes a value.
 *
 * Stages are called synchronously, within the application's call, so they should be quick. What a stage throws, or its
 * promise rejects with, is contained, and logged once for each hook and stage (`hook-failed`); the hook is called again the
 * next time. Evaluations and metrics of a hook's own call no hooks.
 */
export interface Hook {
  /** For the log; not blank. */
  readonly name: string;
  /**
   * Before an evaluation that the application has asked for. `getAllLatestFlagVariations` and listeners evaluate without
   * hooks; `get` and `getVariation` of all flags' states call them.
   *
   * @returns anything; {@link afterEvaluation} of the same hook gets it as `data`.
   */
  beforeEvaluation?(series: EvaluationSeries): unknown;
  /**
   * After an evaluation, before the application gets its value. The hook that was added first is called last.
   *
   * @param result frozen.
   * @param data what {@link beforeEvaluation} has returned; `undefined` when it has failed.
   */
  afterEvaluation?(series: EvaluationSeries, result: EvaluationResult, data: unknown): void;
  /**
   * After `trackMetric`, and for each metric of `trackMetrics`, whether or not an event is sent. The hook that was added
   * first is called last.
   */
  afterTrack?(user: FBUser, eventName: string, value: number): void;
}

/** The stages of a hook. */
export const STAGES = ['beforeEvaluation', 'afterEvaluation', 'afterTrack'] as const satisfies readonly (keyof Hook)[];
export type Stage = (typeof STAGES)[number];
