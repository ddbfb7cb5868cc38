import type { FastifyRequest } from 'fastify';
import type { Callers } from '../access/callers.js';
import { type Demand, isManaged, judgeRole } from '../access/demands.js';
import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { Environments } from '../storage/environments.js';
import type { Answer } from './answer.js';
import { cookieIn } from './cookies.js';
import { type Doorkeeper, denial } from './doorkeeper.js';
import type { Route } from './exchange.js';
import { errorAnswer } from './refusals.js';
import { authorizationOf, saysJson } from './sdk-request.js';
import { type Site, senderOf, siteOf } from './site.js';

export interface EntryParts {
  readonly callers: Callers;
  readonly environments: Pick<Environments, 'byKey'>;
  /** Where browsers find the center. @default what their requests say */
  readonly publicUrl?: string | undefined;
}

/** What is known of a request before its body is read. */
export interface Admitted {
  readonly caller: Caller;
  readonly site: Site;
  /** What it is about, when the route is about one. */
  readonly environment: Environment | undefined;
}

const NOT_JSON = errorAnswer(415, 'unsupported-media-type', 'Send the body with Content-Type: application/json.');
const FORGED = errorAnswer(
  403,
  'cross-site',
  'The change did not come from a page of this center: open the center itself, at the address that it has in the browser.',
);

/**
 * Lets a request in to a route, or says why not.
 *
 * @throws Refusal `forbidden`, `environment-not-found`
 */
export async function admitRequest(
  request: FastifyRequest,
  route: Route,
  door: Doorkeeper,
  { callers, environments, publicUrl }: EntryParts,
): Promise<Admitted | { readonly refusal: Answer }> {
  const { access, about, demandsJson = false } = route;
  const site = siteOf(request.headers, publicUrl, request.protocol === 'https');
  const caller = await callers.identify(credentialsIn(request, route, site), access);
  const refusal = door.refusalOf(request, caller, access);
  if (caller === undefined || refusal !== undefined) return { refusal: refusal ?? denial(access) };
  if (demandsJson && !saysJson(request.headers)) return { refusal: NOT_JSON };
  if (isForged(request, caller, site)) return { refusal: FORGED };
  const environment = about === undefined ? undefined : await environmentOf(caller, request.params, environments);
  demandRole(caller, access, environment);
  return { caller, site, environment };
}

/** Whether somebody who was let in to a stream would be let in now. */
export async function mayGoOn(
  request: FastifyRequest,
  route: Route,
  { site, environment }: Admitted,
  callers: Callers,
): Promise<boolean> {
  const now = await callers.identify(credentialsIn(request, route, site), route.access);
  return now !== undefined && judgeRole(now, route.access, environment) === 'allowed';
}

/** @throws Refusal `environment-not-found` */
export function noEnvironment(): never {
  throw new Refusal(
    'environment-not-found',
    'There is no environment of this key: GET /api/v1/environments lists them.',
  );
}

function credentialsIn({ headers }: FastifyRequest, { access, secretIn }: Route, { cookie }: Site) {
  const session = isManaged(access) ? cookieIn(headers, cookie) : undefined;
  return { authorization: authorizationOf(headers, secretIn), session };
}

/**
 * Whether another site may have made the browser send a change: a browser adds its cookies to whatever it sends. A request with a
 * session must come from a page of the center; one that begins a session must not come from somebody else's.
 */
function isForged({ method, headers }: FastifyRequest, caller: Caller, site: Site): boolean {
  if (method === 'GET' || method === 'HEAD' || caller.kind === 'sdk' || headers.authorization !== undefined)
    return false;
  const sender = senderOf(headers, site);
  return caller.kind === 'manager' ? sender !== 'own' : sender === 'foreign';
}

/** @throws Refusal when the caller may not do it, or may not know of what it is about. */
function demandRole(caller: Caller, access: Demand, environment: Environment | undefined): void {
  const verdict = judgeRole(caller, access, environment);
  if (verdict === 'hidden') noEnvironment();
  if (verdict === 'role-too-low') {
    const where = environment === undefined ? 'everywhere' : 'in this environment';
    throw new Refusal('forbidden', `This takes the role ${access} ${where}: ask an admin for it.`);
  }
}

async function environmentOf(
  caller: Caller,
  params: unknown,
  environments: EntryParts['environments'],
): Promise<Environment> {
  if (caller.kind === 'sdk') return caller.environment;
  const { environment: key = '' } = params as Record<string, string>;
  return (await environments.byKey(key)) ?? noEnvironment();
}
