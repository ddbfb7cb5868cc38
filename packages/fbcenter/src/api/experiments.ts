import type { AnalysisComparison } from '../experiments/statistics/analysis.js';
import type { Split } from '../experiments/statistics/split.js';
import type { Verdict } from '../experiments/statistics/verdict.js';
import type { Actor } from '../model/actor.js';
import type {
  Decision,
  ExperimentSettings,
  ExperimentState,
  IterationSums,
  MetricDefinition,
  MetricRole,
  MetricType,
} from '../model/experiment.js';

/** What the HTTP surface answers about experiments; times as ISO 8601. */

export interface MetricListBody {
  readonly items: readonly MetricDefinition[];
  /** Events that have arrived and that no metric counts. */
  readonly offered: readonly { readonly event: string; readonly count: number; readonly lastAt: string }[];
}

/** An experiment as it was set up. */
export interface ExperimentBody extends ExperimentSettings {
  readonly key: string;
  readonly state: ExperimentState;
  /** For `If-Match`. */
  readonly revision: number;
  readonly createdAt: string;
  readonly createdBy: Actor;
  readonly updatedAt: string;
  readonly decision: (Omit<Decision, 'at'> & { readonly at: string }) | null;
  readonly iterations: readonly { readonly number: number; readonly start: string; readonly end: string | null }[];
}

/**
 * The verdict in a word. Beside those of a comparison: `not-started`; `mixed`: better in one goal and worse in another; `unsound`: the
 * flag was changed while it ran.
 */
export type OverallVerdict = Verdict | 'not-started' | 'mixed' | 'unsound';

export interface ExperimentListBody {
  readonly items: readonly ExperimentListItem[];
}

export interface ExperimentListItem {
  readonly key: string;
  readonly name: string;
  readonly flagKey: string;
  readonly state: ExperimentState;
  /** Of the latest iteration. */
  readonly start: string | null;
  readonly end: string | null;
  readonly users: number;
  readonly plannedUsers: number;
  /** Until the planned effect would be found; null when that is not known. */
  readonly daysLeft: number | null;
  readonly verdict: OverallVerdict;
  readonly sentence: string;
}

/** What is to be known before a start; see experiments/checks.ts. */
export interface ChecksBody {
  readonly canStart: boolean;
  /** Whether it could start if the flag's experiment fields were set (`adjustFlag`). */
  readonly canStartAdjusted: boolean;
  readonly usersPerDay: number | null;
  readonly checks: readonly {
    readonly code: string;
    readonly level: 'error' | 'warning' | 'ok';
    readonly message: string;
    readonly isAdjustable: boolean;
  }[];
}

export interface ExperimentWarning {
  readonly code: 'several-variations' | 'no-expected-split' | 'one-user' | 'oversized';
  readonly message: string;
}

export interface ExperimentMetricBody {
  readonly key: string;
  readonly name: string;
  readonly type: MetricType;
  readonly role: MetricRole;
  readonly lowerIsBetter: boolean;
  readonly margin: number | null;
  readonly plannedEffect: number | null;
  /** Of each variation: the mean of its users, of a ratio the quotient of both sums. */
  readonly values: readonly {
    readonly variation: string;
    readonly users: number;
    readonly nonzero: number;
    readonly total: number;
    readonly value: number | null;
  }[];
  readonly comparisons: readonly (AnalysisComparison & {
    /** What may be concluded, and what may not. */
    readonly conclusion: string;
  })[];
}

/** What an iteration of an experiment has come to. */
export interface ExperimentResultsBody {
  readonly key: string;
  readonly name: string;
  readonly state: ExperimentState;
  readonly hypothesis: string;
  readonly decision: ExperimentBody['decision'];
  readonly verdict: OverallVerdict;
  /** The verdict in a sentence. */
  readonly sentence: string;
  readonly flagKey: string;
  readonly iteration: {
    readonly number: number;
    readonly start: string;
    readonly end: string | null;
    /** When nothing changes any more: events may be 72 hours late. */
    readonly frozenAt: string | null;
    readonly isFrozen: boolean;
    /** Whether nothing was changed meanwhile that makes users before and after different ones. */
    readonly isSound: boolean;
    readonly pauses: readonly { readonly from: string; readonly to: string | null }[];
    readonly marks: readonly {
      readonly at: string;
      readonly what: readonly string[];
      readonly flagVersion: number;
      readonly by: string;
      readonly isUnsound: boolean;
    }[];
  };
  readonly method: 'always-valid' | 'fixed';
  readonly alpha: number;
  readonly power: number;
  readonly plannedUsers: number;
  /** Of all variations. */
  readonly users: number;
  readonly usersPerDay: number | null;
  readonly lastEventAt: string | null;
  readonly variations: readonly {
    readonly id: string;
    readonly value: string;
    readonly weight: number | null;
    readonly isControl: boolean;
    readonly users: number;
  }[];
  readonly split: Split | { readonly status: 'no-expectation' };
  readonly metrics: readonly ExperimentMetricBody[];
  readonly excluded: IterationSums['excluded'];
  readonly late: number;
  readonly oversized: number;
  readonly replays: number;
  /** Requests that were refused because the storage did not keep up, since the center's start; SDKs send them again. */
  readonly refusedRequests: number;
  readonly warnings: readonly ExperimentWarning[];
}

/** How the intervals have narrowed. */
export interface ExperimentSeriesBody {
  readonly points: readonly {
    readonly at: string;
    readonly users: number;
    readonly intervals: readonly {
      readonly metric: string;
      readonly variation: string;
      readonly uplift: number | null;
      readonly low: number | null;
      readonly high: number | null;
    }[];
  }[];
}
