import type { EvaluationResult, EvaluationSeries, FailureCode } from 'fbclient';

/**
 * The names of OpenTelemetry's conventions for feature flags, as of version 1.45. Written out here because the package that
 * has them keeps them among what may change without a major version.
 */
export const EVENT_NAME = 'feature_flag.evaluation';
export const KEY = 'feature_flag.key';
const VARIANT = 'feature_flag.result.variant';
const VALUE = 'feature_flag.result.value';
const REASON = 'feature_flag.result.reason';
const PROVIDER_NAME = 'feature_flag.provider.name';
const CONTEXT_ID = 'feature_flag.context.id';
const SET_ID = 'feature_flag.set.id';
const VERSION = 'feature_flag.version';
const ERROR_TYPE = 'error.type';
const ERROR_MESSAGE = 'feature_flag.error.message';

/** What is said of an evaluation. */
export interface AttributeSettings {
  /** What the flags belong to, such as the environment. @default none */
  readonly flagSetId?: string | undefined;
  /** Whether the user's key is recorded. @default true */
  readonly recordUserKey?: boolean | undefined;
  /** Whether the value is recorded although there is a variant. @default false */
  readonly recordValue?: boolean | undefined;
}

export type EvaluationAttributes = Record<string, string | number | boolean>;

const ERROR_TYPES: Readonly<Record<FailureCode, string>> = {
  'client-not-ready': 'provider_not_ready',
  'unknown-flag': 'flag_not_found',
  'wrong-type': 'type_mismatch',
  'bad-user': 'invalid_context',
  'bad-flag-key': 'general',
  'damaged-flag': 'parse_error',
};

/** An evaluation in the words of the conventions. */
export function attributesOf(
  { user }: EvaluationSeries,
  result: EvaluationResult,
  { flagSetId, recordUserKey = true, recordValue = false }: AttributeSettings,
): EvaluationAttributes {
  const { flag, failure, reasonText, value } = result;
  const attributes: EvaluationAttributes = { ...labelsOf(result), [PROVIDER_NAME]: 'fbclient' };
  if (flagSetId !== undefined) attributes[SET_ID] = flagSetId;
  if (flag !== undefined) attributes[VERSION] = String(flag.version);
  if (failure !== undefined) attributes[ERROR_MESSAGE] = reasonText;
  // What the application passed may be no user at all.
  if (recordUserKey && failure !== 'bad-user' && typeof user?.key === 'string') attributes[CONTEXT_ID] = user.key;
  // The conventions want the value where there is no variant.
  if (recordValue || failure !== undefined) {
    const recorded = attributeValue(value);
    if (recorded !== undefined) attributes[VALUE] = recorded;
  }
  return attributes;
}

/** What there are few different ones of, if there are few flags. */
export function labelsOf({ flagKey, variationId, failure, ...result }: EvaluationResult): EvaluationAttributes {
  const labels = { [KEY]: String(flagKey), [REASON]: reasonOf({ failure, ...result }) };
  return failure === undefined
    ? { ...labels, [VARIANT]: variationId }
    : { ...labels, [ERROR_TYPE]: ERROR_TYPES[failure] };
}

function reasonOf({ reason, split, failure, flag }: Omit<EvaluationResult, 'flagKey' | 'variationId'>): string {
  if (failure !== undefined) return 'error';
  if (reason === 'Off') return 'disabled';
  if (split) return 'split';
  if (reason !== 'Fallthrough') return 'targeting_match';
  return flag?.targeted === true ? 'default' : 'static';
}

/** JSON as text: attributes of spans hold nothing that is nested. */
function attributeValue(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
