import type { User } from 'fbclient/core';
import { isSigned, signAddress } from '../access/signed-address.js';
import type { ErrorBody } from '../api/answers.js';
import { expectedBytesOfAll } from '../evaluation/evaluate.js';
import { openFeatureFlag, openFeatureFlags, openFeatureState } from '../evaluation/openfeature-flags.js';
import { userOfContext } from '../evaluation/wire-user.js';
import { type Answer, empty, events, json, jsonBytes, jsonText } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import { isKnown } from '../http/preconditions.js';
import { roomFor } from '../http/room.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { Caller } from '../model/caller.js';
import type { Secret } from '../model/environment.js';
import { isJsonObject } from '../model/json.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import { Bytes } from '../runtime/bytes.js';
import type { Clock } from '../runtime/clock.js';
import type { Environments } from '../storage/environments.js';
import type { Secrets } from '../storage/secrets.js';
import { statesAfter } from './ofrep-stream.js';

interface OfrepParts {
  readonly live: LiveEnvironments;
  readonly storage: {
    readonly environments: Pick<Environments, 'byKey'>;
    readonly secrets: Pick<Secrets, 'list'>;
  };
  readonly budget: Pick<ByteBudget, 'take'>;
  readonly clock: Clock;
}

/** Where the flags are; what comes after it is the key of one, which may have slashes in it. */
export const OFREP_FLAGS = '/ofrep/v1/evaluate/flags';
export const OFREP_EVENTS = '/ofrep/v1/event-stream';

/** After this many seconds out of sight a page lets go of its event stream, and asks anew when it is seen again. */
const INACTIVITY_DELAY = 120;

const CREDENTIALS = 'Send a secret of this center as "Authorization: Bearer SECRET", or in X-API-Key.';

/** OpenFeature's remote evaluation protocol, version 0.3.0. */
export function ofrepHandlers({ live, storage, budget, clock }: OfrepParts) {
  const { environments, secrets } = storage;

  /** The secret with an id, as long as it counts. */
  async function secretOf(environmentId: string, secretId: string): Promise<Secret | undefined> {
    return (await secrets.list(environmentId)).find(({ id }) => id === secretId);
  }

  return {
    /** One flag for one context. */
    flag: async ({ environment, caller, path, body }: EnvironmentExchange): Promise<Answer> => {
      const key = keyIn(path);
      const user = readUser(body);
      if ('errorCode' in user) return failure(400, { key, ...user });
      const flags = await live.of(environment.id).flags.current();
      const answer = openFeatureFlag(flags, key, user.user, isClient(caller));
      if (answer.kind === 'served') return jsonText(answer.written.json.subarray(1));
      if (answer.kind === 'failed') return failure(400, { key, errorCode: 'GENERAL', errorDetails: answer.details });
      const errorDetails = 'There is no such flag in this environment, or it is archived.';
      return failure(404, { key, errorCode: 'FLAG_NOT_FOUND', errorDetails });
    },
    /** All flags for one context, unless the caller has them already. */
    flags: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, caller, headers, body } = exchange;
      const user = readUser(body);
      if ('errorCode' in user) return failure(400, user);
      const flags = await live.of(environment.id).flags.current();
      // Those who wait for their turn hold nothing.
      const transfer = await roomFor(exchange, budget, expectedBytesOfAll(flags), true);
      try {
        // From before the first flag is evaluated: what changes meanwhile may not be in the answer.
        const state = openFeatureState(flags, isClient(caller));
        const { parts, digest } = await openFeatureFlags(flags, user.user, isClient(caller), exchange.isGone);
        const streams = await eventStreams(caller, state);
        // The time of the address counts: who has an old one must be given the next before it is over. Its state does not: who has the same
        // values from before has no need of others, and at worst asks once more.
        const etag = `"${digest}${streams.until === undefined ? '' : `.${streams.until.toString(36)}`}"`;
        if (isKnown(headers, etag)) return { ...empty(304, { etag }), transfer };
        const tail = `],"eventStreams":${JSON.stringify(streams.list)}}`;
        const content = Bytes.list('{"flags":[', parts, tail);
        return { ...jsonBytes(content), headers: { etag }, transfer };
      } catch (error) {
        transfer.end();
        throw error;
      }
    },
    /** Says when to ask again. Whoever has the signed address may listen. */
    events: async ({ query, headers }: Exchange): Promise<Answer> => {
      const [key = '', secretId = '', signature = ''] = ['environment', 'secret', 'signature'].map(
        (name) => query.get(name) ?? '',
      );
      const environment = await environments.byKey(key);
      const secret = environment && (await secretOf(environment.id, secretId));
      const subject = `${key}\n${secretId}`;
      const until = Number(query.get('until') ?? Number.NaN);
      if (
        environment === undefined ||
        secret === undefined ||
        !isSigned(subject, until, signature, secret.value, clock.now())
      ) {
        const errorDetails =
          'This address is over, or is not whole: ask for all flags again, the answer has another one.';
        return failure(401, { errorCode: 'GENERAL', errorDetails });
      }
      const current = live.of(environment.id);
      await current.flags.current();
      const { 'last-event-id': last } = headers;
      // A browser that comes back has heard more than what its address was made with.
      const known = typeof last === 'string' ? last : (query.get('state') ?? undefined);
      return events(statesAfter(current, secret.kind === 'client', known), 'many');
    },
  };

  async function eventStreams(
    caller: Caller,
    state: string,
  ): Promise<{ readonly list: readonly object[]; readonly until?: number }> {
    if (caller.kind !== 'sdk') return { list: [] };
    const secret = await secretOf(caller.environment.id, caller.secretId);
    if (secret === undefined) return { list: [] };
    const { key } = caller.environment;
    const { until, signature } = signAddress(`${key}\n${secret.id}`, secret.value, clock.now());
    const query = new URLSearchParams({ environment: key, secret: secret.id, until: String(until), signature, state });
    // Without an origin: behind a proxy only the caller knows which it is.
    const endpoint = { requestUri: `${OFREP_EVENTS}?${query}` };
    return { list: [{ type: 'sse', endpoint, inactivityDelaySec: INACTIVITY_DELAY }], until };
  }
}

/** Gives an error of ours the form that OpenFeature's providers read. */
export function asOfrepError({ status, headers = {}, body }: Answer, path: string): Answer {
  const { code, message } = body.kind === 'json' ? (body.value as ErrorBody) : { code: 'internal', message: '' };
  // What cannot be read is the caller's; for anything else OpenFeature has no word.
  const errorCode = code === 'invalid-request' ? 'PARSE_ERROR' : 'GENERAL';
  const about = path === OFREP_FLAGS || !path.startsWith(OFREP_FLAGS) ? {} : { key: keyIn(path) };
  const errorDetails = code === 'unauthorized' ? CREDENTIALS : message;
  return { ...json({ ...about, errorCode, errorDetails }, status), headers };
}

type Fault = {
  readonly errorCode: 'INVALID_CONTEXT' | 'TARGETING_KEY_MISSING' | 'PARSE_ERROR';
  readonly errorDetails: string;
};

function readUser(body: unknown): { readonly user: User } | Fault {
  if (!isJsonObject(body)) return { errorCode: 'PARSE_ERROR', errorDetails: 'Send a JSON object with a context.' };
  const { context } = body;
  if (!isJsonObject(context)) return { errorCode: 'INVALID_CONTEXT', errorDetails: 'context must be an object.' };
  const { targetingKey } = context;
  if (targetingKey === undefined || targetingKey === null || targetingKey === '') {
    return {
      errorCode: 'TARGETING_KEY_MISSING',
      errorDetails: 'context has no targetingKey: it is the key of the user.',
    };
  }
  const user = userOfContext(context);
  if (user !== undefined) return { user };
  return { errorCode: 'INVALID_CONTEXT', errorDetails: 'context.targetingKey must be a string that is not blank.' };
}

function failure(status: number, body: object): Answer {
  return json(body, status);
}

/** The key of a flag in an address: some clients write its slashes as they are. */
function keyIn(path: string): string {
  const text = path.slice(OFREP_FLAGS.length + 1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isClient(caller: Caller): boolean {
  return caller.kind === 'sdk' && caller.secret === 'client';
}
