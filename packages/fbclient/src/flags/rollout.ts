import type { WireRollout, WireRolloutVariation } from '../protocol/entities.js';
import { type AttributeReader, attributeReader, type User } from '../protocol/user.js';
import { Failure } from './failure.js';
import { md5FirstWord } from './md5.js';
import type { ValueType, Variation } from './variation.js';

/** Why a variation was served. */
export type ServingReason = 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough';

/** What a serving says of its flag. */
export interface FlagIdentity {
  readonly key: string;
  /** The type that the flag was made with. */
  readonly type: ValueType;
}

/** A variation with the reason it is served for and how an experiment counts it; built at commit, shared by evaluations. */
export class Serving {
  readonly flag: FlagIdentity;
  readonly variation: Variation;
  readonly reason: ServingReason;
  readonly #experiment: Experiment;

  constructor(flag: FlagIdentity, variation: Variation, reason: ServingReason, experiment: Experiment) {
    this.flag = flag;
    this.variation = variation;
    this.reason = reason;
    this.#experiment = experiment;
  }

  /** Whether an evaluation for this user belongs to an experiment; computed only when it is recorded. */
  sendToExperiment(user: User): boolean {
    if (typeof this.#experiment === 'boolean') return this.#experiment;
    return bucketOf(`expt${this.flag.key}${this.#experiment.dispatch(user) ?? ''}`) <= this.#experiment.upper;
  }
}

/** Always or never in an experiment, or only the users whose experiment bucket is at most `upper`. */
export type Experiment = boolean | { readonly upper: number; readonly dispatch: AttributeReader };

interface Slice {
  readonly low: number;
  readonly high: number;
  readonly serves: Serving | Failure;
}

const UNCOVERED = new Failure('no interval of the rollout covers the user');
const MISSING_VARIATION = {
  RuleMatch: new Failure('the matched rule rolls out a variation that does not exist'),
  Fallthrough: new Failure('the fallthrough rolls out a variation that does not exist'),
};

/** Who gets which variation: the compiled `variations` of a rule or of the fallthrough. */
export class Rollout {
  private readonly dispatch: AttributeReader;
  private readonly slices: readonly Slice[];
  /** What everybody gets when the first interval that can match covers everybody: no hash is needed then. */
  private readonly everybody: Serving | Failure | undefined;

  constructor(
    flag: FlagIdentity,
    wire: WireRollout,
    reason: 'RuleMatch' | 'Fallthrough',
    variations: ReadonlyMap<string, Variation>,
    exptIncludeAllTargets: boolean,
  ) {
    this.dispatch = dispatchReader(wire.dispatchKey);
    this.slices = wire.variations.filter(canMatch).map((slice) => {
      const variation = variations.get(slice.id);
      const serves =
        variation === undefined
          ? MISSING_VARIATION[reason]
          : new Serving(
              flag,
              variation,
              reason,
              exptIncludeAllTargets || this.experimentOf(slice, wire.includedInExpt),
            );
      return { low: slice.rollout[0], high: slice.rollout[1], serves };
    });
    const first = this.slices[0];
    this.everybody = first === undefined ? UNCOVERED : coversEverybody(first) ? first.serves : undefined;
  }

  /** The variation of the first interval, in stored order, that holds the user's bucket. */
  pick(flagKey: string, user: User): Serving | Failure {
    if (this.everybody !== undefined) return this.everybody;
    const bucket = bucketOf(flagKey + (this.dispatch(user) ?? ''));
    for (const slice of this.slices) {
      if ((bucket >= slice.low && bucket <= slice.high) || coversEverybody(slice)) return slice.serves;
    }
    return UNCOVERED;
  }

  private experimentOf({ rollout: [low, high], exptRollout }: WireRolloutVariation, included: boolean): Experiment {
    const width = high - low;
    if (!included || width === 0 || exptRollout === 0) return false;
    const upper = Math.min(exptRollout / width, 1);
    return coversEverybody({ low: 0, high: upper }) || { upper, dispatch: this.dispatch };
  }
}

/**
 * Where a text falls in [0,1], both ends included.
 *
 * Source: FeatBit's rollout; the first 4 bytes of MD5 over the UTF-8 text as a little-endian signed 32-bit integer,
 * divided by -2^31, without its sign.
 */
export function bucketOf(text: string): number {
  return Math.abs(md5FirstWord(text) / -2_147_483_648);
}

/** An interval [0,0] is how FeatBit writes a share of nothing; without this the bucket 0 would be in it. */
function canMatch({ rollout: [low, high] }: WireRolloutVariation): boolean {
  return !(low === 0 && high === 0);
}

/** FeatBit stores shares as decimal fractions, so a share of everything may fall short of 1 by a rounding. */
function coversEverybody({ low, high }: { readonly low: number; readonly high: number }): boolean {
  return low === 0 && 1 - high < 0.00001;
}

/** A blank dispatch key means the user's key. */
function dispatchReader(dispatchKey: string | null | undefined): AttributeReader {
  return attributeReader(dispatchKey == null || dispatchKey.trim() === '' ? 'keyId' : dispatchKey);
}
