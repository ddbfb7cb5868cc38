import type { RolloutDocument, SliceDocument } from '../protocol/documents.js';
import { type AttributeReader, attributeReader } from '../users/attribute-readers.js';
import { attributeText, type User } from '../users/user.js';
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

/** A variation with the reason it is served for and how an experiment counts it; built once, shared by evaluations. */
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

  /** What everybody gets where no rollout is needed. */
  pick(): Serving {
    return this;
  }

  /** Whether an evaluation for this user belongs to an experiment; computed only when it is recorded. */
  sendToExperiment(user: User): boolean {
    const experiment = this.#experiment;
    if (typeof experiment === 'boolean') return experiment;
    return bucketOf(experiment.prefix, dispatchText(experiment.dispatch, user)) <= experiment.upper;
  }
}

/** Always or never in an experiment, or only the users whose experiment bucket is at most `upper`. */
export type Experiment =
  | boolean
  | { readonly upper: number; readonly prefix: string; readonly dispatch: AttributeReader };

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
  reason: 'RuleMatch' | 'Fallthrough',
  variations: readonly Variation[],
  exptIncludeAllTargets: boolean,
): Distribution {
  const dispatch = dispatchReader(document.dispatchKey);
  const slices: Slice[] = [];
  for (const part of document.variations) {
    const [low, high] = part.rollout;
    // An interval [0,0] is how FeatBit writes a share of nothing; without this the bucket 0 would be in it.
    if (low === 0 && high === 0) continue;
    const variation = variations.find(({ id }) => id === part.id);
    const serves =
      variation === undefined
        ? MISSING_VARIATION[reason]
        : new Serving(flag, variation, reason, exptIncludeAllTargets || experimentOf(flag, document, part, dispatch));
    // No hash is needed where the first interval that can match covers everybody.
    if (slices.length === 0 && coversEverybody(low, high)) return serves;
    slices.push(new Slice(low, high, serves));
  }
  // A copy: an array that grew holds room for many more.
  return slices.length === 0 ? UNCOVERED : new Rollout(flag, dispatch, slices.slice());
}

/** A rollout by the user's bucket. */
class Rollout {
  readonly #flag: FlagIdentity;
  readonly #dispatch: AttributeReader;
  readonly #slices: readonly Slice[];

  constructor(flag: FlagIdentity, dispatch: AttributeReader, slices: readonly Slice[]) {
    this.#flag = flag;
    this.#dispatch = dispatch;
    this.#slices = slices;
  }

  /** The variation of the first interval, in stored order, that holds the user's bucket. */
  pick(user: User): Serving | Failure {
    const bucket = bucketOf(this.#flag.key, dispatchText(this.#dispatch, user));
    for (const slice of this.#slices) if (slice.holds(bucket)) return slice.serves;
    return UNCOVERED;
  }
}

class Slice {
  readonly #low: number;
  readonly #high: number;
  readonly serves: Serving | Failure;

  constructor(low: number, high: number, serves: Serving | Failure) {
    this.#low = low;
    this.#high = high;
    this.serves = serves;
  }

  /** Both ends are in. */
  holds(bucket: number): boolean {
    return (bucket >= this.#low && bucket <= this.#high) || coversEverybody(this.#low, this.#high);
  }
}

/**
 * Where a text falls in [0,1], both ends included.
 *
 * Source: FeatBit's rollout; the first 4 bytes of MD5 over the UTF-8 text as a little-endian signed 32-bit integer,
 * divided by -2^31, without its sign.
 *
 * @param start the text's beginning.
 * @param end the rest of it; apart, because joining two strings costs half as much as hashing them.
 */
export function bucketOf(start: string, end = ''): number {
  return Math.abs(md5FirstWord(start, end) / -2_147_483_648);
}

function experimentOf(
  flag: FlagIdentity,
  { includedInExpt }: RolloutDocument,
  { rollout: [low, high], exptRollout }: SliceDocument,
  dispatch: AttributeReader,
): Experiment {
  const width = high - low;
  if (!includedInExpt || width === 0 || exptRollout === 0) return false;
  const upper = Math.min(exptRollout / width, 1);
  return coversEverybody(0, upper) || { upper, prefix: `expt${flag.key}`, dispatch };
}

/** FeatBit stores shares as decimal fractions, so a share of everything may fall short of 1 by a rounding. */
function coversEverybody(low: number, high: number): boolean {
  return low === 0 && 1 - high < 0.00001;
}

const READ_KEY = attributeReader('keyId');

/** A blank dispatch key means the user's key. */
function dispatchReader(dispatchKey: string | null | undefined): AttributeReader {
  return dispatchKey == null || dispatchKey.trim() === '' ? READ_KEY : attributeReader(dispatchKey);
}

function dispatchText(dispatch: AttributeReader, user: User): string {
  const value = dispatch(user);
  return typeof value === 'string' ? value : (attributeText(value) ?? '');
}
