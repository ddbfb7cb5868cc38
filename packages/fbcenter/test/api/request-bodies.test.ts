// biome-ignore lint/style/noRestrictedImports: the entry that it documents for this draft of JSON Schema
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/api/operations.js';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import { routes } from '../../src/routes.js';
import { aFlag } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';

/**
 * What the OpenAPI document says of a body, and what the center takes, are two things: the handlers read bodies by themselves. Here
 * each part of each body is damaged in each way. What the schema refuses the center refuses too, names the part, and keeps nothing.
 */

/** A request with a body, as a good one is. */
interface Good {
  readonly params?: Record<string, string>;
  readonly body: Record<string, unknown>;
  readonly caller?: EnvironmentExchange['caller'];
}

let serial = 0;

const METRIC = { type: 'conversion', event: 'purchase' };
const EXPERIMENT = {
  flagKey: 'checkout',
  control: 'off',
  treatments: ['on'],
  metrics: [{ key: 'goal', role: 'goal' }],
};

/** What each operation needs, made anew for each request: what was created once cannot be created again. */
const GOOD: Readonly<Record<string, (world: HandlerWorld) => Good | Promise<Good>>> = {
  'POST /api/v1/session': () => ({ body: { name: 'ada', password: 'not the right one' } }),
  'PUT /api/v1/session/password': async (world) => ({
    body: { current: 'not the right one', next: 'a good new password' },
    caller: await somebody(world),
  }),
  'POST /api/v1/links/look': () => ({ body: { link: 'a link that there is not' } }),
  'POST /api/v1/links/follow': async ({ ask, handlers }) => {
    const { body } = await ask(handlers.users.firstLink);
    return { body: { link: body.link.split('#')[1], name: `Ada ${++serial}`, password: 'a good new password' } };
  },
  'POST /api/v1/users': () => ({
    body: { name: `somebody ${++serial}`, role: 'viewer', environments: { dev: 'editor' } },
  }),
  'PUT /api/v1/users/:user': async ({ storage }) => {
    const grants = { everywhere: 'viewer', environments: {} } as const;
    const user = await storage.users.add({ name: `user ${++serial}`, grants, subject: undefined });
    return { params: { user: user?.id ?? '' }, body: { role: 'editor', environments: {}, isDisabled: true } };
  },
  'POST /api/v1/tokens': () => ({
    body: {
      name: `token ${++serial}`,
      role: 'viewer',
      environments: { dev: 'editor' },
      expiresAt: '2999-01-01T00:00:00Z',
    },
  }),
  'POST /api/v1/environments': () => ({ body: { key: `env-${++serial}`, name: 'Another one' } }),
  'PUT /api/v1/environments/:environment': () => ({ body: { name: 'Renamed', isProtected: true } }),
  'POST /api/v1/environments/:environment/secrets': () => ({ body: { kind: 'server', name: `secret ${++serial}` } }),
  'POST /api/v1/environments/:environment/explain': () => ({ body: { user: { key: 'ada' }, flag: 'checkout' } }),
  'POST /api/v1/environments/:environment/promote': () => ({
    body: { from: 'staging', flags: ['checkout'], withSwitch: true, withSegments: true },
  }),
  'POST /api/v1/environments/:environment/flags/:key/toggle': () => ({
    params: { key: 'checkout' },
    body: { isEnabled: true },
  }),
  'POST /api/v1/environments/:environment/webhooks': () => ({
    body: { name: 'Chat', url: 'https://chat.example/', events: ['flag.*'] },
  }),
  'PUT /api/v1/environments/:environment/webhooks/:webhook': async ({ ask, handlers }) => {
    const { body } = await ask(handlers.webhooks.list);
    const [made] = body.items.length > 0 ? body.items : [await aWebhook(ask, handlers)];
    return {
      params: { webhook: made.id },
      body: { name: 'Pager', url: 'https://pager.example/', events: ['*'], isEnabled: false },
    };
  },
  'POST /api/v1/environments/:environment/flags/:key/triggers': async ({ storage, environment }) => {
    // A flag takes some, and here one is made for each damage.
    for (const { id } of await storage.triggers.list(environment.id)) await storage.triggers.remove(id);
    return { params: { key: 'checkout' }, body: { name: 'Alert', action: 'off' } };
  },
  'PUT /api/v1/environments/:environment/flags/:key/triggers/:trigger': async ({ storage, environment }) => {
    const [known] = await storage.triggers.list(environment.id);
    const draft = { name: 'Alert', action: 'on', start: 'fbt_', createdBy: 'Ada' } as const;
    const trigger =
      known ?? (await storage.triggers.add({ environmentId: environment.id, flagKey: 'checkout', ...draft }, 'digest'));
    return { params: { key: 'checkout', trigger: trigger.id }, body: { name: 'Pager', isEnabled: false } };
  },
  'PUT /api/v1/environments/:environment/metrics/:key': () => ({
    params: { key: 'goal' },
    body: { name: 'Purchases', lowerIsBetter: false, cap: null, windowHours: 24, ...METRIC },
  }),
  'PUT /api/v1/environments/:environment/experiments/:key': () => ({
    params: { key: `experiment-${++serial}` },
    body: {
      ...{ name: 'Another button', hypothesis: 'It is better.', method: 'fixed', alpha: 0.05, power: 0.8 },
      ...{ plannedUsers: 1_000, excludedSegment: null },
      ...EXPERIMENT,
    },
  }),
  'POST /api/v1/environments/:environment/experiments/:key/start': () => ({
    params: { key: 'prepared' },
    body: { adjustFlag: false },
  }),
};

async function aWebhook(
  ask: HandlerWorld['ask'],
  handlers: HandlerWorld['handlers'],
): Promise<{ readonly id: string }> {
  return (await ask(handlers.webhooks.create, { body: { name: 'Chat', url: 'https://chat.example/' } })).body;
}

/** Somebody who is signed in. */
async function somebody({ storage }: HandlerWorld): Promise<EnvironmentExchange['caller']> {
  const name = `person ${++serial}`;
  const user = await storage.users.add({ name, grants: ALL_GRANTS, subject: undefined });
  const id = user?.id ?? '';
  return { kind: 'manager', actor: { kind: 'user', id, name }, grants: ALL_GRANTS, sessionId: 'a session' };
}

async function prepared(): Promise<HandlerWorld> {
  const world = await handlerWorld();
  const { ask, handlers, storage } = world;
  await ask(handlers.metrics.put, { params: { key: 'goal' }, body: METRIC });
  for (const environment of [world.environment, anEnvironment('staging')]) {
    if (environment !== world.environment) await storage.environments.create(environment, []);
    const put = await ask(handlers.flags.put, { environment, params: { key: 'checkout' }, body: aFlag() });
    expect(put.status).toBe(201);
  }
  await ask(handlers.experiments.put, { params: { key: 'prepared' }, body: EXPERIMENT });
  return world;
}

/** Calls an operation as the server would, past the credentials. */
function call(
  world: HandlerWorld,
  operation: string,
  { params, body, caller }: Omit<Good, 'body'> & { readonly body: unknown },
) {
  const route = routes(world.handlers).find(({ method, path }) => `${method} ${path}` === operation);
  if (route === undefined) throw new Error(`no route ${operation}`);
  return world.ask(async (exchange) => route.handler(exchange), {
    ...(params && { params }),
    body,
    ...(caller && { caller }),
  });
}

/** Everything that JSON can be, in small. */
const VALUES = [
  null,
  true,
  false,
  0,
  1.5,
  -1,
  '',
  'x',
  [],
  [null],
  [5],
  ['x'],
  {},
  { x: 5 },
  { dev: 5 },
  { dev: 'owner' },
];

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** The schema of an operation's body, judged without what it says of members that it does not know: those are of no interest. */
function validatorOf(operation: string) {
  const schema = OPERATIONS[operation]?.body?.schema;
  if (schema === undefined) throw new Error(`no body of ${operation}`);
  const components = { schemas: schema.definitions };
  return ajv.compile({ ...schema.json, components } as object);
}

const CASES = Object.keys(GOOD).map((operation) => [operation] as const);

describe('a body', () => {
  it('is damaged here of every operation that takes one, but for documents and what SDKs send', () => {
    const elsewhere = /\/(?:flags|segments)\/:key$|\/import$|^POST \/api\/public|\/ofrep\/|\/decide$|\/restart$/;
    const operations = Object.entries(OPERATIONS).filter(
      ([name, { body }]) => body !== undefined && !elsewhere.test(name),
    );
    expect(operations.map(([name]) => name).toSorted()).toEqual(Object.keys(GOOD).toSorted());
  });

  it.each(CASES)('that is good is not refused for what it is: %s', async (operation) => {
    const world = await prepared();
    const good = (await GOOD[operation]?.(world)) ?? { body: {} };
    expect(validatorOf(operation)(good.body)).toBe(true);
    const { status, body } = await call(world, operation, good);
    // Credentials that there are not, and a start that is not possible, are other refusals than that of a body.
    const isJudged = status < 300 || ['wrong-credentials', 'link-void', 'not-ready'].includes(body.code);
    expect(isJudged || body.message === 'current: This is not your password.', JSON.stringify(body)).toBe(true);
  });

  it.each(CASES)('with a part that its schema refuses is refused, by the name of the part: %s', async (operation) => {
    const world = await prepared();
    const isGood = validatorOf(operation);
    const good = (await GOOD[operation]?.(world)) ?? { body: {} };
    const taken: string[] = [];
    let refused = 0;
    for (const name of Object.keys(good.body)) {
      for (const value of [...VALUES, undefined]) {
        const { params, caller, body } = (await GOOD[operation]?.(world)) ?? { body: {} };
        const damaged = { ...body, [name]: value };
        if (isGood(JSON.parse(JSON.stringify(damaged)))) continue;
        const answer = await call(world, operation, {
          ...(params && { params }),
          ...(caller && { caller }),
          body: damaged,
        });
        const said = JSON.stringify([answer.body?.message, answer.body?.faults]);
        const isRefused = answer.status === 400 && /^invalid-(?:request|document)$/.test(answer.body.code);
        if (!isRefused || !said.includes(name.replace(/s$/, ''))) {
          taken.push(`${name}: ${JSON.stringify(value)} → ${answer.status} ${said}`);
        }
        refused += 1;
      }
    }
    expect(taken).toEqual([]);
    expect(refused).toBeGreaterThan(5);
  });

  it.each(CASES)('that is no object at all changes nothing: %s', async (operation) => {
    const isOptional = OPERATIONS[operation]?.body?.isOptional === true;
    const world = await prepared();
    for (const body of [undefined, null, true, 5, 'x', [], ['name']]) {
      const good = (await GOOD[operation]?.(world)) ?? { body: {} };
      const before = await world.storage.audit.list({ limit: 1_000 });
      const answer = await call(world, operation, { ...good, body });
      if (isOptional && body === undefined) continue;
      const after = await world.storage.audit.list({ limit: 1_000 });
      expect([body, answer.status, after.length - before.length]).toEqual([body, 400, 0]);
      expect(answer.body.code).toMatch(/^invalid-(?:request|document)$/);
    }
  });

  it.each(CASES)('with a name that is nearly a known one is refused with what is meant: %s', async (operation) => {
    const world = await prepared();
    const good = (await GOOD[operation]?.(world)) ?? { body: {} };
    for (const name of Object.keys(good.body)) {
      const { params, caller, body } = (await GOOD[operation]?.(world)) ?? { body: {} };
      const misspelt = `${name}x`;
      const answer = await call(world, operation, {
        ...(params && { params }),
        ...(caller && { caller }),
        body: Object.fromEntries(Object.entries(body).map(([key, value]) => [key === name ? misspelt : key, value])),
      });
      expect([name, answer.status, JSON.stringify(answer.body)]).toEqual([
        name,
        400,
        expect.stringContaining(misspelt),
      ]);
      expect(JSON.stringify(answer.body)).toContain(`\\"${name}\\"`);
    }
  });
});
