import type { User } from '../users/user.js';
import { bucketOf } from './bucket.js';
import { type Dispatch, dispatchText } from './dispatch.js';
import type { ValueType, Variation } from './variation.js';

/** Why a variation was served. */
export type ServingReason = 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough';

/** What a serving says about its flag. */
export interface FlagIdentity {
  readonly key: string;
  /** The type that the flag was made with. */
  readonly type: ValueType;
}

/** Always or never in an experiment, or only the users whose experiment bucket is at most `upper`. */
export type Experiment = boolean | { readonly upper: number; readonly prefix: string; readonly dispatch: Dispatch };

/** A variation with the reason it is served for and how an experiment counts it; built once, shared by evaluations. */
export class Serving {
  readonly flag: FlagIdentity;
  readonly variation: Variation;
  readonly reason: ServingReason;
  readonly experiment: Experiment;
  /** Whether a rollout chose it: other users get other variations for the same reason. */
  readonly split: boolean;

  constructor(flag: FlagIdentity, variation: Variation, reason: ServingReason, experiment: Experiment, split = false) {
    this.flag = flag;
    this.variation = variation;
    this.reason = reason;
    this.experiment = experiment;
    this.split = split;
  }

  /** What everybody gets where no rollout is needed. */
  pick(): Serving {
    return this;
  }

  /** Whether an evaluation for this user belongs to an experiment; computed only when it is recorded. */
  sendToExperiment(user: User): boolean {
    const experiment = this.experiment;
    if (typeof experiment === 'boolean') return experiment;
    return bucketOf(experiment.prefix, dispatchText(experiment.dispatch, user)) <= experiment.upper;
  }
}
