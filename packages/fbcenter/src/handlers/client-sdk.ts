import type { IncomingHttpHeaders } from 'node:http';
import { sdkOf } from '../access/sdk-reactions.js';
import type { ErrorBody, RateLimitedBody } from '../api/answers.js';
import type { ClientFlags } from '../evaluation/client-flags.js';
import { clientUserOf } from '../evaluation/wire-user.js';
import { type Answer, bytes, empty, json, jsonBytes } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import { roomFor } from '../http/room.js';
import type { LiveEnvironments } from '../live/environments.js';
import { Refusal } from '../model/refusal.js';
import type { ByteBudget } from '../runtime/byte-budget.js';

interface ClientSdkParts {
  readonly live: LiveEnvironments;
  readonly budget: Pick<ByteBudget, 'take'>;
  readonly clientFlags: ClientFlags;
}

/** About what one flag takes in an answer, in bytes. */
const BYTES_OF_A_FLAG = 400;

/** FeatBit's HTTP call for SDKs that are told values. */
export function clientSdkHandlers({ live, budget, clientFlags }: ClientSdkParts) {
  return {
    /** All flags for the user in the body, or those that are newer than `timestamp`; an empty body when none is. */
    latestAll: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, body, query, headers } = exchange;
      const cursor = readCursor(query, headers);
      const user = clientUserOf(body);
      if (user === 'malformed') throw new Refusal('invalid-request', 'Send the user as a JSON object of the protocol.');
      if (user === 'no-key')
        return { ...bytes(Buffer.from('invalid end user'), 'text/plain; charset=utf-8'), status: 400 };
      const flags = await live.of(environment.id).flags.current();
      // Those who wait for their turn hold nothing.
      const expected = cursor <= 0 ? flags.facts.size * BYTES_OF_A_FLAG : 0;
      const transfer = await roomFor(exchange, budget, expected, true);
      try {
        const { isEmpty, message } = await clientFlags.answer(flags, user, cursor, exchange.isGone);
        return { ...(isEmpty ? empty() : jsonBytes(message)), transfer };
      } catch (error) {
        transfer.end();
        throw error;
      }
    },
  };
}

/** Errors of ours at FeatBit's addresses. For the limit of requests FeatBit has words of its own. */
export function asFeatBitError(error: Answer): Answer {
  if (error.status !== 429) return error;
  return { ...error, ...json<RateLimitedBody>({ error: 'Rate limit exceeded. Please try again later.' }, 429) };
}

/** The same at the call for browsers, where they are problem details (RFC 9457), with our own members in them. */
export function asProblem(answer: Answer): Answer {
  const { status, headers = {}, body } = answer;
  if (status === 429) return asFeatBitError(answer);
  const error = body.kind === 'json' ? (body.value as ErrorBody) : { code: 'internal', message: '' };
  const problem = { type: 'about:blank', title: error.message, status, ...error };
  return { ...bytes(Buffer.from(JSON.stringify(problem)), 'application/problem+json; charset=utf-8', headers), status };
}

function readCursor(query: URLSearchParams, headers: IncomingHttpHeaders): number {
  const text = query.get('timestamp');
  if (text !== null && !isInt64(text)) {
    throw new Refusal('invalid-request', 'timestamp must be a whole number of 64 bits.');
  }
  const cursor = Number(text ?? 0);
  // FeatBit's SDK for .NET sends the time of its own clock, which may be ahead: by it a change would be missed for good.
  return cursor !== 0 && sdkOf(headers) === 'dotnet' ? -1 : cursor;
}

function isInt64(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
