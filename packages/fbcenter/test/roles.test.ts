import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantsBody } from '../src/api/access.js';
import { OFREP_EVENTS } from '../src/handlers/ofrep.js';
import type { Route } from '../src/http/exchange.js';
import { TestBrowser } from './support/browser.js';
import { PASSWORD, type PeopleCenter, startWithPeople } from './support/people.js';
import { surface } from './support/surface.js';

/** Who there is: what they were given, and what they are in `dev` and in what belongs to no environment. */
const PEOPLE = {
  'a stranger to dev': { grants: { environments: { prod: 'admin' } }, dev: -1, center: -1 },
  'a viewer of dev': { grants: { environments: { dev: 'viewer' } }, dev: 0, center: -1 },
  'an editor of dev': { grants: { environments: { dev: 'editor' } }, dev: 1, center: -1 },
  'an admin of dev': { grants: { environments: { dev: 'admin' } }, dev: 2, center: -1 },
  'a viewer': { grants: { role: 'viewer' }, dev: 0, center: 0 },
  'an editor': { grants: { role: 'editor' }, dev: 1, center: 1 },
  'a viewer, and editor of dev': { grants: { role: 'viewer', environments: { dev: 'editor' } }, dev: 1, center: 0 },
  'an editor, and viewer of dev': { grants: { role: 'editor', environments: { dev: 'viewer' } }, dev: 1, center: 1 },
  'an admin': { grants: { role: 'admin' }, dev: 2, center: 2 },
} as const satisfies Record<string, { grants: Partial<GrantsBody>; dev: number; center: number }>;

type Person = keyof typeof PEOPLE;

const RANKS: readonly string[] = ['viewer', 'editor', 'admin'];

type Verdict = 'let in' | 401 | 403 | 404;

/** What a route answers, by nothing but its demand. */
function expected({ access, about, path }: Route, person: Person | 'nobody'): Verdict {
  // Whoever has its signed address may follow it, and nobody else.
  if (path === OFREP_EVENTS) return 401;
  if (access === 'anybody' || access === 'anybody-known') return 'let in';
  if (person === 'nobody') return 401;
  if (access.endsWith('-secret')) return 401;
  if (access === 'signed-in') return 'let in';
  const rank = PEOPLE[person][about === 'environment' ? 'dev' : 'center'];
  if (rank >= RANKS.indexOf(access)) return 'let in';
  return about === 'environment' && rank < 0 ? 404 : 403;
}

const ROUTES = surface();
const people = Object.keys(PEOPLE) as Person[];
const routeName = ({ method, path }: Route) => `${method} ${path}`;

let center: PeopleCenter | undefined;
const browsers = new Map<string, TestBrowser>();
const tokens = new Map<string, string>();

beforeAll(async () => {
  center = await startWithPeople({}, {}, () => {});
  for (const person of people) {
    const { grants } = PEOPLE[person];
    browsers.set(person, await center.join(person, grants));
    tokens.set(person, (await center.admin('POST', '/tokens', { name: person, ...grants })).body.token);
  }
});
afterAll(() => center?.center.close());

/** Calls a route in `dev`, about things that are not there. */
async function call(
  browser: TestBrowser,
  { method, path, presentError }: Route,
  headers: Record<string, string>,
): Promise<Verdict> {
  const { url } = running().center;
  const address = path.replace(':environment', 'dev').replaceAll(/:\w+/g, 'x').replace('*', 'x');
  const init = { method, headers, ...(method === 'GET' ? {} : { body: '[]' }) };
  const answer = await browser.call(url + address, init);
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? '' : await answer.text();
  if (isStream) await answer.body?.cancel();
  expect(answer.status, text).toBeLessThan(500);
  // Some have errors in a form of their own.
  if (presentError !== undefined) return answer.status === 401 ? 401 : 'let in';
  const code = answer.status < 400 ? undefined : JSON.parse(text).code;
  if (answer.status === 401) expect(code).toBe('unauthorized');
  if (answer.status === 403) expect(code).toBe('forbidden');
  if (answer.status === 401 || answer.status === 403) return answer.status;
  return code === 'environment-not-found' ? 404 : 'let in';
}

function running(): PeopleCenter {
  if (center === undefined) throw new Error('called outside of a test');
  return center;
}

describe.each(ROUTES.map((route) => [routeName(route), route] as const))('%s', (_, route) => {
  it('answers nobody as its demand says', async () => {
    expect(await call(new TestBrowser(), route, {})).toBe(expected(route, 'nobody'));
  });

  it.each(people)('answers %s as its demand says', async (person) => {
    const origin = running().center.url;
    const browser = new TestBrowser();
    if (route.handler.length > 0 && routeName(route) === 'DELETE /api/v1/session') {
      // It ends the session that it is called with.
      await browser.api({ url: origin }, 'POST', '/session', { name: person, password: PASSWORD });
    } else browser.steal({ url: origin }, browsers.get(person)?.cookies({ url: origin }) ?? new Map());
    expect(await call(browser, route, { origin })).toBe(expected(route, person));
  });

  it.each(people)('answers the access token of %s alike, but where it takes a session', async (person) => {
    const verdict = await call(new TestBrowser(), route, { authorization: `Bearer ${tokens.get(person)}` });
    const isOwn = /^(?:DELETE|PUT) \/api\/v1\/session\b|\/api\/v1\/sessions/.test(routeName(route));
    expect(verdict).toBe(isOwn ? 403 : expected(route, person));
  });
});

it('every route that manages demands something, and those for everybody are known by name', () => {
  const open = ROUTES.filter(({ access, path }) => access.startsWith('anybody') && path.startsWith('/api/'));
  expect(open.map(routeName).sort()).toEqual([
    'GET /api/v1/oidc/callback',
    'GET /api/v1/oidc/start',
    'GET /api/v1/openapi.json',
    'GET /api/v1/session',
    'POST /api/public/triggers/:token',
    'POST /api/v1/links/follow',
    'POST /api/v1/links/look',
    'POST /api/v1/session',
  ]);
});

it('a viewer sees no secret, token or user anywhere', () => {
  const seen = ROUTES.filter(({ access }) => access === 'viewer' || access === 'signed-in').map(routeName);
  expect(seen.filter((name) => /secret|token|user/.test(name))).toEqual([]);
});

describe('what is listed', () => {
  it.each(people)('for %s are the environments in which it has a role, with the role', async (person) => {
    const { center } = running();
    const browser = browsers.get(person) ?? new TestBrowser();
    const { body } = await browser.api(center, 'GET', '/environments');
    const { grants, dev } = PEOPLE[person];
    const named = body.items.map(({ key, role }: { key: string; role: string }) => [key, role]);
    const all: Partial<GrantsBody> = grants;
    const inDev = dev < 0 ? [] : [['dev', RANKS[dev]]];
    const inProd = all.environments?.prod ?? all.role;
    expect(named).toEqual([...inDev, ...(inProd == null ? [] : [['prod', inProd]])]);
    for (const { serverSecret, clientSecret } of center.environments) {
      expect(JSON.stringify(body)).not.toContain(serverSecret);
      expect(JSON.stringify(body)).not.toContain(clientSecret);
    }
  });
});
