import type { RolloutDocument, SliceDocument } from '../protocol/documents.js';
import { isBlank } from '../users/blank.js';
import type { User } from '../users/user.js';
import { bucketOf, coversEverybody } from './bucket.js';
import { type Dispatch, dispatchText } from './dispatch.js';
import { Failure } from './failure.js';
import { type Experiment, type FlagIdentity, Serving } from './serving.js';
import type { Variations } from './variation.js';
import type { Warnings } from './warnings.js';

/** Who gets which variation: a rollout, or one serving or failure for everybody. */
export type Distribution = Rollout | Serving | Failure;

const UNCOVERED = new Failure('no interval of the rollout covers the user');
const MISSING_VARIATION = {
  RuleMatch: new Failure('the matched rule rolls out a variation that does not exist'),
  Fallthrough: new Failure('the fallthrough rolls out a variation that does not exist'),
};

/** Compiles the `variations` of a rule or of the fallthrough. */
export function compileRollout(
  flag: FlagIdentity,
  document: RolloutDocument,
  dispatch: Dispatch,
  reason: 'RuleMatch' | 'Fallthrough',
  variations: Variations,
  exptIncludeAllTargets: boolean,
  warnings: Warnings | undefined,
): Distribution {
  if (dispatch.attribute === 'key') warnings?.give('key-is-keyid', 'key');
  const slices: Slice[] = [];
  for (const part of document.variations) {
    const [low, high] = part.rollout;
    // FeatBit writes a share of nothing as [0,0]. Without this line the bucket 0 would be in it.
    if (low === 0 && high === 0) continue;
    const variation = variations.find(part.id);
    // If the first interval that can match covers everybody, no hash is needed.
    const forEverybody = slices.length === 0 && coversEverybody(low, high);
    const experiment = exptIncludeAllTargets || experimentOf(flag, document, part, dispatch);
    const serves =
      variation === undefined
        ? MISSING_VARIATION[reason]
        : new Serving(flag, variation, reason, experiment, !forEverybody);
    if (forEverybody) return serves;
    slices.push(new Slice(low, high, serves));
  }
  // Users are divided by their keys, which are never blank, or by nothing, which was said.
  const isSure = dispatch.attribute === 'keyId' || dispatch.attribute === 'key';
  // `slice()` frees the spare capacity that `push` left; these arrays live as long as the flag.
  return slices.length === 0 ? UNCOVERED : new Rollout(flag, dispatch, slices.slice(), isSure ? undefined : warnings);
}

/** A rollout by the user's bucket. */
class Rollout {
  readonly flag: FlagIdentity;
  readonly dispatch: Dispatch;
  /** In stored order. */
  readonly slices: readonly Slice[];
  readonly #warnings: Warnings | undefined;

  constructor(flag: FlagIdentity, dispatch: Dispatch, slices: readonly Slice[], warnings: Warnings | undefined) {
    this.flag = flag;
    this.dispatch = dispatch;
    this.slices = slices;
    this.#warnings = warnings;
  }

  /** The variation of the first interval that holds the user's bucket. */
  pick(user: User): Serving | Failure {
    const text = dispatchText(this.dispatch, user);
    if (this.#warnings !== undefined && isBlank(text)) {
      this.#warnings.give('dispatch-attribute-absent', this.dispatch.attribute);
    }
    return this.at(bucketOf(this.flag.key, text));
  }

  /** The variation of the first interval that holds a bucket. */
  at(bucket: number): Serving | Failure {
    for (const slice of this.slices) if (slice.holds(bucket)) return slice.serves;
    return UNCOVERED;
  }
}

/** An interval of a rollout and what it serves. */
class Slice {
  readonly low: number;
  readonly high: number;
  readonly serves: Serving | Failure;

  constructor(low: number, high: number, serves: Serving | Failure) {
    this.low = low;
    this.high = high;
    this.serves = serves;
  }

  /** Both ends are in. */
  holds(bucket: number): boolean {
    return (bucket >= this.low && bucket <= this.high) || coversEverybody(this.low, this.high);
  }
}

/** The intervals of a distribution, in stored order; what everybody gets is one over all buckets. */
export function intervalsOf(distribution: Distribution): readonly Slice[] {
  if (distribution instanceof Rollout) return distribution.slices;
  return distribution === UNCOVERED ? [] : [new Slice(0, 1, distribution)];
}

function experimentOf(
  flag: FlagIdentity,
  { includedInExpt }: RolloutDocument,
  { rollout: [low, high], exptRollout }: SliceDocument,
  dispatch: Dispatch,
): Experiment {
  const width = high - low;
  if (!includedInExpt || width === 0 || exptRollout === 0) return false;
  const upper = Math.min(exptRollout / width, 1);
  return coversEverybody(0, upper) || { upper, prefix: `expt${flag.key}`, dispatch };
}
