/**
 * fbclient/core: the pure parts of the SDK for programs that speak FeatBit's protocol themselves, such as a server. It
 * follows the protocol, not the SDK's public API, so it may change in a minor version.
 */

import type { MissingAttribute } from './flags/attributes.js';
import { type Compiled, compileDataSyncNow as compileNow } from './flags/compile.js';
import { compilePattern } from './flags/re2-pattern.js';
import type { WarningReporter } from './flags/warnings.js';
import type { DataSync } from './protocol/messages.js';

// Evaluation, with its explanation
export {
  type ConditionTrace,
  type DecidedBy,
  type Explanation,
  explain,
  type RolloutTrace,
  type RuleTrace,
  type SegmentTrace,
} from './evaluation/explain.js';
// Flags: what a condition can say, and evaluation
export type { MissingAttribute } from './flags/attributes.js';
export { BUCKET_WIDTH, bucketOf, coversEverybody } from './flags/bucket.js';
export type { Compiled, SkippedDocument } from './flags/compile.js';
export type { AttributeSight, Obstacle, SegmentSight } from './flags/conditions.js';
export { Failure, type FailureCode } from './flags/failure.js';
export { Flag } from './flags/flag.js';
export { Occasion } from './flags/occasion.js';
export { OPERATORS, type OperandKind, type Operation, type Operator, operationOf } from './flags/operators.js';
export type { Pattern } from './flags/pattern.js';
export { compilePattern } from './flags/re2-pattern.js';
export { IN_SEGMENT, NOT_IN_SEGMENT, segmentsOf } from './flags/segment-condition.js';
export { Serving, type ServingReason } from './flags/serving.js';
export { type ChangeSet, FlagStore } from './flags/store.js';
export { type JsonValue, type ValueType, Variation } from './flags/variation.js';
export { reportOnce, type Warning, type WarningKind, type WarningReporter, warningText } from './flags/warnings.js';
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
export { findJsonFault, type JsonFault } from './runtime/json-position.js';
export { isUser, KEY_ATTRIBUTE, type User } from './users/user.js';

/**
 * Decodes and compiles a sync message at once. A document that cannot be decoded is skipped and does not affect the others.
 *
 * @param warn learns, once for each flag that is compiled anew, about what hardly works as it was meant.
 */
export function compileDataSyncNow(
  data: DataSync,
  missingAttribute: MissingAttribute,
  warn?: WarningReporter,
): Compiled {
  return compileNow(data, { missingAttribute, compilePattern, warn });
}
