import type { Exchange } from '../http/exchange.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { Environments } from '../storage/environments.js';

/** A variable part of the path. */
export function parameter(exchange: Exchange, name: string): string {
  return exchange.params[name] ?? '';
}

/** The environment that the path names. */
export async function environmentIn(exchange: Exchange, environments: Environments): Promise<Environment> {
  const environment = await environments.byKey(parameter(exchange, 'environment'));
  if (environment !== undefined) return environment;
  throw new Refusal(
    'environment_not_found',
    'There is no environment of this key: GET /api/v1/environments lists them.',
  );
}

/** A whole number in the query, or the fallback when it is not there. */
export function wholeNumber(
  exchange: Exchange,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = exchange.query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && min <= value && value <= max) return value;
  throw new Refusal('invalid_request', `${name} must be a whole number from ${min} to ${max}.`);
}

/** A `true` or `false` in the query. */
export function truth(exchange: Exchange, name: string): boolean | undefined {
  const text = exchange.query.get(name);
  if (text === null) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Refusal('invalid_request', `${name} must be true or false.`);
}

/** The version in `If-Match`, quoted as in `ETag` or bare; `undefined` when there is none or it is `*`. */
export function ifMatch(exchange: Exchange): number | undefined {
  const header = exchange.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const [, digits] = /^"?(\d{1,16})"?$/.exec(header) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Refusal('invalid_request', 'If-Match must be one version as in ETag, such as "1700000000000".');
}
