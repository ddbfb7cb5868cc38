import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Center, startCenterWith } from '../src/center.js';
import type { Route } from '../src/http/exchange.js';
import { resolveOptions } from '../src/options.js';
import { lineLogger } from '../src/runtime/log.js';
import { aStorage } from './support/a-storage.js';
import { aFlag } from './support/documents.js';
import { CHEAP } from './support/people.js';
import { surface } from './support/surface.js';

/**
 * Nothing that a caller sends, and no credential, is in any line of the log, whatever is asked for and whoever asks. Everything that is planted has
 * this word in it; ids of requests are another thing, they are there to be found.
 */
const PLANTED = 'PLANTED';
const secret = (letter: string) => PLANTED + letter.repeat(44 - PLANTED.length);
const SERVER_SECRET = secret('s');
const CLIENT_SECRET = secret('c');
const ADMIN_TOKEN = `${PLANTED}-admin-token-of-the-settings`;
const METRICS_TOKEN = `${PLANTED}-token-of-prometheus`;
const USER = {
  keyId: `${PLANTED}-user`,
  name: `${PLANTED}-name`,
  customizedProperties: [{ name: `${PLANTED}-attribute`, value: `${PLANTED}-value` }],
};

const lines: string[] = [];
let center: Center | undefined;

beforeAll(async () => {
  const options = resolveOptions({
    port: 0,
    adminToken: ADMIN_TOKEN,
    metricsToken: METRICS_TOKEN,
    accessLog: true,
    rememberUsers: true,
    environments: [
      { key: 'dev', serverSecret: SERVER_SECRET, clientSecret: CLIENT_SECRET, flags: [{ key: 'f', ...aFlag() }] },
    ],
    logger: lineLogger('debug', (line) => lines.push(line), 'json'),
  });
  center = await startCenterWith(options, { storage: await aStorage(), passwordCost: CHEAP });
});
afterAll(() => center?.close());

/** What a caller may show, right and wrong. */
const CREDENTIALS: Readonly<Record<string, Record<string, string>>> = {
  nothing: {},
  'the access token': { authorization: `Bearer ${ADMIN_TOKEN}` },
  'a wrong token': { authorization: `Bearer ${PLANTED}-wrong` },
  'the server secret': { authorization: SERVER_SECRET },
  'the client secret': { authorization: CLIENT_SECRET },
  'a secret as a provider sends it': { 'x-api-key': SERVER_SECRET },
  'a cookie': { cookie: `fbcenter-80=${PLANTED}; __Host-fbcenter=${PLANTED}` },
};

const BODIES: readonly string[] = [
  JSON.stringify({ ...USER, user: USER, context: { targetingKey: USER.keyId, x: `${PLANTED}-context` } }),
  JSON.stringify([
    { user: USER, variations: [{ featureFlagKey: `${PLANTED}-flag` }], metrics: [{ eventName: PLANTED }] },
  ]),
  JSON.stringify({
    name: PLANTED,
    password: PLANTED,
    url: `https://${PLANTED}.invalid/`,
    link: PLANTED,
    secret: PLANTED,
  }),
  `{"broken": "${PLANTED}`,
];

const addressOf = ({ path }: Route) =>
  `${path.replace(':environment', 'dev').replaceAll(/:\w+|\*/g, PLANTED)}?timestamp=${PLANTED}&token=${PLANTED}`;

async function call(method: string, address: string, headers: Record<string, string>, body?: string): Promise<void> {
  const stop = new AbortController();
  const more = { referer: `https://${PLANTED}/`, 'user-agent': PLANTED, 'x-change-comment': PLANTED };
  const init = { method, headers: { ...more, ...headers }, signal: stop.signal, redirect: 'manual' as const };
  const answer = await fetch(`${center?.url}${address}`, body === undefined ? init : { ...init, body });
  // Some go on for ever.
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) stop.abort();
  else await answer.arrayBuffer();
}

const ROUTES = surface();

const planted = (written: readonly string[]) => written.filter((line) => line.includes(PLANTED));

describe('no line of the log has what was sent, or a credential', () => {
  it.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'of %s',
    async (name, route) => {
      const before = lines.length;
      const bodies = route.method === 'GET' ? [undefined] : BODIES;
      let calls = 0;
      for (const headers of Object.values(CREDENTIALS)) {
        for (const body of bodies) {
          await call(route.method, addressOf(route), headers, body);
          calls += 1;
        }
      }
      // The lines are there, and say what was asked for.
      const written = () =>
        lines
          .slice(before)
          .map((line) => JSON.parse(line))
          .filter(({ message, method, route: path }) => message === 'request' && `${method} ${path}` === name);
      await expect.poll(() => written().length, { timeout: 15_000 }).toBe(calls);
      expect(planted(lines.slice(before))).toEqual([]);
    },
    60_000,
  );

  it('of what is not there, is no HTTP, or asks to stream', async () => {
    const before = lines.length;
    await call('GET', `/${PLANTED}`, { authorization: SERVER_SECRET });
    await call('GET', `/api/public/sdk/${PLANTED}`, {});
    await call('GET', `/%E0%A4%A?${PLANTED}`, {});
    for (const query of [`type=server&token=${PLANTED}`, `type=server&token=${SERVER_SECRET}`]) {
      await call('GET', `/streaming?${query}`, {});
    }
    await expect.poll(() => lines.length).toBeGreaterThan(before + 3);
    // Those that came late for the requests above are among them.
    expect(planted(lines)).toEqual([]);
  });
});
