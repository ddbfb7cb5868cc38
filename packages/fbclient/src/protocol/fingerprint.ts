import type { ConditionDocument, FlagDocument, RolloutDocument, SegmentDocument } from './documents.js';
import { findingsOf } from './shared-documents.js';

/** What a document says to evaluation, as one number: documents with the same say the same, whatever their versions. */
export type Fingerprint = number;

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x9747b28c;
const FIRST_PRIME = 0x01000193;
const SECOND_PRIME = 0x5bd1e995;

/** A number, and its bits in two halves: a share of a rollout as a text would take longer to make than to hash. */
const FRACTION = new Float64Array(1);
const BITS = new Int32Array(FRACTION.buffer);

/** Only the members that evaluation reads count: a server may send the others in one message and leave them out in another. */
export function fingerprintOfFlag(flag: FlagDocument): Fingerprint {
  return sharedOr(flag, hashOfFlag);
}

/** As {@link fingerprintOfFlag}, for a segment. */
export function fingerprintOfSegment(segment: SegmentDocument): Fingerprint {
  return sharedOr(segment, hashOfSegment);
}

/** Of a document that many clients have, it is made once. */
function sharedOr<T extends object>(document: T, hashOf: (document: T) => Fingerprint): Fingerprint {
  const findings = findingsOf(document);
  if (findings === undefined) return hashOf(document);
  findings.fingerprint ??= hashOf(document);
  return findings.fingerprint;
}

function hashOfFlag(flag: FlagDocument): Fingerprint {
  const hash = new Hash();
  hash.text(flag.key);
  hash.truth(flag.isArchived);
  hash.truth(flag.isEnabled);
  hash.text(flag.variationType);
  hash.text(flag.disabledVariationId);
  hash.truth(flag.exptIncludeAllTargets);
  hash.number(flag.variations.length);
  for (const { id, value } of flag.variations) {
    hash.text(id);
    hash.text(value);
  }
  hash.number(flag.targetUsers.length);
  for (const { keyIds, variationId } of flag.targetUsers) {
    hash.texts(keyIds);
    hash.text(variationId);
  }
  hash.number(flag.rules.length);
  for (const rule of flag.rules) {
    hash.conditions(rule.conditions);
    hash.rollout(rule);
  }
  hash.rollout(flag.fallthrough);
  return hash.value;
}

function hashOfSegment(segment: SegmentDocument): Fingerprint {
  const hash = new Hash();
  hash.text(segment.id);
  hash.truth(segment.isArchived);
  hash.texts(segment.included);
  hash.texts(segment.excluded);
  hash.number(segment.rules.length);
  for (const { conditions } of segment.rules) hash.conditions(conditions);
  return hash.value;
}

/** Two 32-bit hashes beside each other. Not for secrets; good enough that two states of one document do not meet. */
class Hash {
  #first = FIRST_SEED;
  #second = SECOND_SEED;

  /** 53 bits, which a number holds exactly. */
  get value(): Fingerprint {
    return (this.#first >>> 0) * 0x20_0000 + (this.#second >>> 11);
  }

  text(text: string): void {
    const { length } = text;
    this.number(length);
    let first = this.#first;
    let second = this.#second;
    // Two units at a time: a start makes a fingerprint for each document of an environment.
    for (let index = 0; index < length; index += 2) {
      const following = index + 1 < length ? text.charCodeAt(index + 1) : 0;
      const units = text.charCodeAt(index) | (following << 16);
      first = Math.imul(first ^ units, FIRST_PRIME);
      second = Math.imul(second ^ units, SECOND_PRIME);
      // So that high bits reach the low ones: the product alone only carries upwards.
      first ^= first >>> 15;
      second ^= second >>> 13;
    }
    this.#first = first;
    this.#second = second;
  }

  texts(texts: readonly string[]): void {
    this.number(texts.length);
    for (const text of texts) this.text(text);
  }

  truth(value: boolean): void {
    this.#mix(value ? 1 : 2);
  }

  number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < 0x4000_0000) this.#mix(value);
    else {
      FRACTION[0] = value;
      this.#mix(BITS[0] as number);
      this.#mix(BITS[1] as number);
    }
  }

  conditions(conditions: readonly ConditionDocument[]): void {
    this.number(conditions.length);
    for (const { property, op, value } of conditions) {
      this.#optional(property);
      this.#optional(op);
      this.#optional(value);
    }
  }

  rollout({ dispatchKey, includedInExpt, variations }: RolloutDocument): void {
    this.#optional(dispatchKey);
    this.truth(includedInExpt);
    this.number(variations.length);
    for (const { id, rollout, exptRollout } of variations) {
      this.text(id);
      this.number(rollout[0]);
      this.number(rollout[1]);
      this.number(exptRollout);
    }
  }

  #optional(text: string | null | undefined): void {
    if (text === undefined || text === null) this.#mix(-1);
    else this.text(text);
  }

  #mix(value: number): void {
    this.#first = Math.imul(this.#first ^ value, FIRST_PRIME);
    this.#second = Math.imul(this.#second ^ value, SECOND_PRIME);
    this.#second ^= this.#second >>> 15;
  }
}
