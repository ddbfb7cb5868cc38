import type { DocumentKind } from '../model/document.js';
import type { Environment, SecretKind } from '../model/environment.js';
import type { Fault } from '../model/fault.js';
import type { MetricCount } from '../model/tally.js';

/** The bodies that the HTTP surface answers with; docs/fbcenter.md describes the same. */

/** Every answer that is an error. */
export interface ErrorBody {
  readonly code: string;
  /** One sentence: what is wrong and what to do. */
  readonly message: string;
  /** What is wrong with the document that was sent, if that is the reason. */
  readonly faults?: readonly Fault[];
}

/** An environment with its secrets, which whoever has the access token may know. */
export interface EnvironmentBody extends Environment {
  /** SDKs that stream this environment now. */
  readonly connections: number;
}

export interface EnvironmentListBody {
  readonly items: readonly EnvironmentBody[];
}

/** The data of an event `change`. */
export interface ChangeEventBody {
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  readonly version: number;
}

/** The data of an event `experiment`. */
export interface ExperimentEventBody {
  readonly key: string;
}

/** A secret of an environment, without the secret itself. Times as ISO 8601. */
export interface SecretBody {
  readonly id: string;
  readonly kind: SecretKind;
  readonly name: string;
  /** Null for what was made before such times were kept. */
  readonly createdAt: string | null;
  /** When an SDK last came with it, to the minute; those that stay connected count as `connections`. */
  readonly lastUsedAt: string | null;
  /** SDKs that it has let in and that stream now. */
  readonly connections: number;
}

/** The same with the secret itself. */
export interface NewSecretBody extends SecretBody {
  readonly secret: string;
}

export interface SecretListBody {
  readonly items: readonly SecretBody[];
}

/** What SDKs have reported of an environment; times as ISO 8601. */
export interface InsightsBody {
  readonly flags: readonly {
    readonly key: string;
    readonly count: number;
    readonly variations: readonly {
      readonly id: string;
      readonly count: number;
      readonly experimentCount: number;
      readonly lastAt: string;
    }[];
  }[];
  readonly metrics: readonly (MetricCount & { readonly lastAt: string })[];
  readonly identifications: number;
  readonly rejected: number;
  readonly overflow: { readonly evaluations: number; readonly metrics: number };
}

/** How many events were taken, and how many could not be understood. */
export interface TrackBody {
  readonly accepted: number;
  readonly rejected: number;
}

/** What a user gets of a flag; id and value are null when the flag is archived or cannot be evaluated. */
export interface EvaluatedFlag {
  readonly key: string;
  readonly variation: {
    readonly id: string | null;
    readonly type: string;
    readonly value: string | null;
    readonly matchReason: 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough' | 'Archived' | 'Error';
    readonly sendToExperiment: boolean;
  };
}

export interface HealthBody {
  readonly status: 'Healthy';
}
