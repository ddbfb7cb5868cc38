/** The independent reference that generated fixtures and differential tests compare with. */
export {
  type BulkEntry,
  type ChosenVariation,
  chooseVariation,
  evaluate,
  evaluateAll,
  isUsableUser,
  type ReferenceResult,
} from './evaluate.js';
export { type Random, randomEnvironment, randomFlagKey, randomUser, seededRandom } from './random.js';
export { bucketOf, hashOf, isInRollout } from './rollout.js';
export { type ApplyResult, isFlag, isSegment, ReferenceStore, versionOf } from './sync.js';
export { type DecodedToken, makeSecret, makeToken, readToken, tokenPosition } from './token.js';
export { booleanOf, type Converted, convert, decimalOf, stringsOf } from './values.js';
export type {
  Condition,
  Environment,
  Fallthrough,
  Flag,
  FlagRule,
  Reason,
  RequestedType,
  RolloutVariation,
  Segment,
  SegmentRule,
  TargetUsers,
  User,
  Variation,
} from './wire.js';
