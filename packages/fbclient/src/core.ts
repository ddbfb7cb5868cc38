/**
 * fbclient/core: the pure parts of the SDK for programs that speak FeatBit's protocol themselves, such as a server. It
 * follows the protocol, not the SDK's public API, so it may change in a minor version.
 */

export { type MissingAttribute, Occasion } from './flags/attributes.js';
// Flags: what a condition can say, and evaluation
export { type Compiled, compileDataSyncNow, type SkippedDocument } from './flags/compile.js';
export { IN_SEGMENT, NOT_IN_SEGMENT, OPERATORS, type Operator } from './flags/conditions.js';
export { Failure } from './flags/failure.js';
export { Flag } from './flags/flag.js';
export { compilePattern, type Pattern } from './flags/pattern.js';
export { bucketOf, Serving, type ServingReason } from './flags/rollout.js';
export { type ChangeSet, FlagStore } from './flags/store.js';
export { type JsonValue, type ValueType, Variation } from './flags/variation.js';
// Connection
export { decodeConnectionToken, encodeConnectionToken } from './protocol/connection-token.js';
export { parseDecimal } from './protocol/decimal.js';
// Data: decoding
export type { Decoded } from './protocol/decoded.js';
export {
  type ConditionDocument,
  decodeFlag,
  decodeSegment,
  type FlagDocument,
  type RolloutDocument,
  type RuleDocument,
  type SegmentDocument,
  type SliceDocument,
  type TargetDocument,
  type VariationDocument,
} from './protocol/documents.js';
export { type DataSync, decodeDataSyncEnvelope } from './protocol/messages.js';
export { parseStringList } from './protocol/string-list.js';
export { parseVersion } from './protocol/version.js';
export { isUser, type User } from './users/user.js';
