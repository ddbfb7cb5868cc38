import type { ErrorBody } from '../api/answers.js';
import { StorageError } from '../errors.js';
import { type CurrentVersion, Refusal, type RefusalCode } from '../model/refusal.js';
import { type Answer, json } from './answer.js';

const STATUS: Readonly<Record<RefusalCode, number>> = {
  'invalid-request': 400,
  'invalid-document': 400,
  forbidden: 403,
  'environment-not-found': 404,
  'not-found': 404,
  archived: 409,
  'not-archived': 409,
  'segment-in-use': 409,
  'already-exists': 409,
  'last-secret': 409,
  'last-admin': 409,
  'link-void': 410,
  'limit-reached': 409,
  'version-mismatch': 412,
  'wrong-state': 409,
  'not-ready': 409,
  'metric-in-use': 409,
  'precondition-required': 428,
  busy: 503,
  stopping: 503,
};

/** What the HTTP server itself finds wrong with a request. */
const TRANSPORT: Readonly<Record<number, { readonly code: string; readonly message: string }>> = {
  404: { code: 'not-found', message: 'There is nothing at this address.' },
  408: { code: 'too-slow', message: 'The request took too long to arrive.' },
  413: { code: 'body-too-large', message: 'The body is larger than what is taken here.' },
  414: { code: 'address-too-long', message: 'The address is longer than what is taken here.' },
  415: { code: 'unsupported-media-type', message: 'The Content-Type cannot be read: send application/json.' },
};

/** An answer that is an error. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  details: Pick<ErrorBody, 'faults' | 'current'> = {},
): Answer {
  return json<ErrorBody>({ code, message, ...details }, status);
}

/** An answer that is an error of ours, with the id by which the request is found in the log. */
export function identified(answer: Answer, requestId: string): Answer {
  const { status, body } = answer;
  if (status < 400 || body.kind !== 'json' || !isErrorBody(body.value)) return answer;
  return { ...answer, body: { kind: 'json', value: { ...body.value, requestId } } };
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/**
 * Turns what a handler or the HTTP server threw into an answer.
 *
 * @returns `undefined` for an error that is not expected: log it and answer 500.
 */
export function answerTo(error: unknown): Answer | undefined {
  if (error instanceof Refusal) {
    const { code, message, faults, current } = error;
    const details = { ...(faults && { faults }), ...(current && { current: currentBody(current) }) };
    return errorAnswer(STATUS[code], code, message, details);
  }
  if (error instanceof StorageError) {
    const message = error.code === 'outcome-unknown' ? error.message : `${error.message} Nothing was changed.`;
    return errorAnswer(error.code === 'damaged-data' ? 500 : 503, error.code, message);
  }
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  const { code, message } = TRANSPORT[status] ?? { code: 'invalid-request', message: 'The request cannot be read.' };
  return errorAnswer(status, code, message);
}

function currentBody({ version, changedBy }: CurrentVersion): NonNullable<ErrorBody['current']> {
  return { version, changedAt: new Date(version).toISOString(), changedBy: changedBy ?? null };
}
