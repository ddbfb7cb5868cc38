/**
 * fbcenter/statistics: the statistics of experiments, as pure functions on sums. Each function takes one object and returns
 * one (distributions take numbers); sources and formulas are in docs/experiments.md.
 *
 * What an experiment can honestly come to is a `status` in the result: nobody yet, no variance, a control of 0. Values that
 * nothing can be made of throw `InvalidInputError`, which names each of them. No function returns NaN.
 */

// A whole experiment
export { type AnalysisComparison, type AnalysisResult, analyze, type InvalidData } from './analysis.js';
export type { AnalysisInput, AnalysisMetric, AnalysisVariation, MetricSums, Role } from './analysis-input.js';
// A second opinion
export { type Bayes, type BayesInput, bayes, bestOfN, type NormalPosterior } from './bayes.js';
// Two variations, one metric
export { type AnyPair, type Compared, compare, type Method } from './compare.js';
export {
  type AdjustedComparison,
  type AlwaysValid,
  type AlwaysValidComparison,
  alwaysValid,
  alwaysValidComparison,
  cuped,
  type RatioComparison,
  type RelativeDelta,
  ratio,
  relativeDelta,
  relativeFieller,
  type Welch,
  welch,
} from './comparisons.js';
// Distributions
export {
  chiSquareUpperTail,
  normalUpperQuantile,
  normalUpperTail,
  tTwoSided,
  tUpperQuantile,
} from './distributions.js';
export type { NoEstimate, Pair } from './estimate.js';
// From events to sums
export {
  type EventSums,
  type ExperimentDefinition,
  type ExposureEvent,
  type MetricDefinition,
  type MetricEvent,
  sumEvents,
} from './events.js';
export { type InputProblem, InvalidInputError } from './input.js';
export type { Relative } from './intervals.js';
// Several tests at once
export { type Adjusted, benjaminiHochberg, holm, type PValues } from './multiplicity.js';
// Before the start, and until the end
export {
  minimumDetectableEffect,
  type RemainingTime,
  type RemainingTimeInput,
  remainingTime,
  type SampleSize,
  type SampleSizeInput,
  sampleSize,
} from './planning.js';
// Whether users were split as planned
export { type SequentialSplit, type Split, type SplitInput, srm, srmSequential } from './split.js';
export {
  addSums,
  type CovariateSums,
  type MeanVariance,
  meanVariance,
  type RatioSums,
  type Sums,
  sumsOf,
} from './sums.js';
export type { Verdict } from './verdict.js';
