import {
  ErrorCode,
  type EvaluationContext,
  type FlagMetadata,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import type { EvaluationResult, FailureCode, UpdateState } from 'fbclient';
import { userOf } from './user.js';

/** The types that OpenFeature asks for. */
export type RequestedType = 'boolean' | 'string' | 'number' | 'object';

/** What a resolution needs of the client. */
export interface Resolver {
  evaluate(flagKey: string, user: { readonly key: string }): EvaluationResult;
  readonly updateStatusProvider: { readonly currentState: UpdateState };
}

const CODES: Readonly<Record<FailureCode, ErrorCode>> = {
  'client-not-ready': ErrorCode.PROVIDER_NOT_READY,
  'unknown-flag': ErrorCode.FLAG_NOT_FOUND,
  'wrong-type': ErrorCode.TYPE_MISMATCH,
  'bad-user': ErrorCode.INVALID_CONTEXT,
  'bad-flag-key': ErrorCode.GENERAL,
  'damaged-flag': ErrorCode.PARSE_ERROR,
};

/**
 * Evaluates a flag as OpenFeature wants it.
 *
 * The value must be of the type asked for as the flag has it: nothing is converted. OpenFeature's SDK does not check it.
 */
export function resolve<T>(
  client: Resolver,
  type: RequestedType,
  flagKey: string,
  defaultValue: T,
  context: EvaluationContext,
  flagSetId: string | undefined,
): ResolutionDetails<T> {
  const made = userOf(context);
  if (made.user === undefined) {
    return made.problem === 'no-key'
      ? failed(defaultValue, ErrorCode.TARGETING_KEY_MISSING, 'the context has no targetingKey, or a blank one')
      : failed(defaultValue, ErrorCode.INVALID_CONTEXT, 'the targetingKey of the context is no text');
  }
  const result = client.evaluate(flagKey, made.user);
  const flagMetadata = metadataOf(client, result, made.user.key, flagSetId);
  if (result.failure !== undefined) {
    return { ...failed(defaultValue, CODES[result.failure], result.reasonText), flagMetadata };
  }
  if (typeof result.value !== type) {
    const message = `the flag is asked for as ${type}; its value is of type ${typeof result.value}`;
    return { ...failed(defaultValue, ErrorCode.TYPE_MISMATCH, message), flagMetadata };
  }
  return { value: result.value as T, variant: result.variationId, reason: reasonOf(result), flagMetadata };
}

function failed<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}

function reasonOf({ reason, split, flag }: EvaluationResult): string {
  if (reason === 'Off') return StandardResolutionReasons.DISABLED;
  if (split) return StandardResolutionReasons.SPLIT;
  if (reason !== 'Fallthrough') return StandardResolutionReasons.TARGETING_MATCH;
  return flag?.targeted === true ? StandardResolutionReasons.DEFAULT : StandardResolutionReasons.STATIC;
}

/** `version`, `contextId` and `flagSetId` are the names that OpenFeature's telemetry looks for. */
function metadataOf(
  { updateStatusProvider }: Resolver,
  { flag }: EvaluationResult,
  contextId: string,
  flagSetId: string | undefined,
): FlagMetadata {
  const { status, dataAge } = updateStatusProvider.currentState;
  return {
    contextId,
    ...(flagSetId === undefined ? {} : { flagSetId }),
    ...(flag === undefined ? {} : { version: String(flag.version) }),
    ...(status === 'Ready' ? {} : { stale: true, ...(dataAge === undefined ? {} : { dataAge }) }),
  };
}
