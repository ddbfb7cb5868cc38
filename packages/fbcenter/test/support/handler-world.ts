import { onTestFinished } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { ExperimentService } from '../../src/experiments/service.js';
import { createHandlers, type HandlerParts, type Handlers } from '../../src/handlers/handlers.js';
import type { Answer } from '../../src/http/answer.js';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { answerTo } from '../../src/http/refusals.js';
import { contentOf } from '../../src/http/send.js';
import { InsightRecorder } from '../../src/insights/recorder.js';
import { UnknownFlags } from '../../src/insights/unknown-flags.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import { Usages } from '../../src/live/usage.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Environment } from '../../src/model/environment.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import type { Tally } from '../../src/model/tally.js';
import { BuiltPage } from '../../src/page/built-page.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { silentLogger } from '../../src/runtime/log.js';
import { Stopping } from '../../src/runtime/stopping.js';
import type { Storage } from '../../src/storage/storage.js';
import { ConnectionList } from '../../src/streaming/connection-list.js';
import { FlagTriggers } from '../../src/triggers/flag-triggers.js';
import type { WebhookSender } from '../../src/webhooks/sender.js';
import { WebhookManagement } from '../../src/webhooks/webhooks.js';
import { aStorage } from './a-storage.js';
import { anEnvironment } from './environments.js';
import { exchangeOf } from './exchange.js';
import { FakeClock } from './fake-clock.js';
import { memoryLogger } from './memory-logger.js';
import { CHEAP } from './people.js';

/** What a request says, as far as a test cares. */
export interface Asked {
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly path?: string;
  readonly caller?: EnvironmentExchange['caller'];
  readonly environment?: Environment;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any;
}

/** The handlers on a storage in memory, without a server around them. */
export interface HandlerWorld {
  readonly handlers: Handlers;
  readonly storage: Storage;
  readonly live: LiveEnvironments;
  readonly connections: ConnectionList;
  readonly budget: ByteBudget;
  readonly clock: FakeClock;
  readonly environment: Environment;
  /** What was reported of insights that were kept. */
  readonly reported: Tally[];
  /** The ids of secrets whose connections were ended. */
  readonly revoked: string[];
  /** What was posted to webhooks; each was delivered. */
  readonly posted: { readonly url: string; readonly body: string; readonly headers: object }[];
  /** Calls a handler; what it throws is answered as the server does. */
  ask(handler: (exchange: EnvironmentExchange) => Promise<Answer>, asked?: Asked): Promise<Answered>;
}

export async function handlerWorld(parts: Partial<HandlerParts> = {}): Promise<HandlerWorld> {
  const clock = new FakeClock();
  const storage = parts.storage ?? (await aStorage({ clock }));
  onTestFinished(() => storage.close());
  const environment = anEnvironment('dev');
  await storage.environments.create(environment, []);
  // The environment itself has had the first version.
  clock.time += 1_000;
  const live = new LiveEnvironments(storage.changes);
  const budget = new ByteBudget();
  const usages = new Usages(storage.insights, clock);
  const connections = new ConnectionList();
  const reported: Tally[] = [];
  const revoked: string[] = [];
  const posted: HandlerWorld['posted'] = [];
  const sender: Pick<WebhookSender, 'post'> = {
    async post(url, body, headers) {
      posted.push({ url, body, headers });
      return { kind: 'delivered', status: 204 };
    },
  };
  const access = createAccess({
    storage,
    settingsToken: 'the-token-of-the-settings',
    clock,
    log: memoryLogger(),
    passwordCost: CHEAP,
  });
  const handlers = createHandlers({
    storage,
    access,
    clock,
    identityProvider: undefined,
    latestUsers: undefined,
    live,
    budget,
    page: new BuiltPage([]),
    clientFlags: new ClientFlags('neutral'),
    recorder: new InsightRecorder(storage.insights),
    onInsights: ({ id }, tally) => {
      reported.push(tally);
      usages.note(
        id,
        tally.evaluations.map(({ flagKey }) => flagKey),
      );
    },
    connections: { connectionsBy: (id) => id.length, revoke: (id) => void revoked.push(id), list: connections },
    usages,
    experiments: new ExperimentService({ storage, clock, log: silentLogger }),
    unknownFlags: new UnknownFlags(clock),
    webhooks: new WebhookManagement({ storage, sender, clock, poke: () => {} }),
    webhooksToPrivate: false,
    stopping: new Stopping(),
    triggers: new FlagTriggers({ storage, clock }),
    ...parts,
  });
  const ask: HandlerWorld['ask'] = async (handler, asked = {}) => {
    const exchange = exchangeOf({
      caller: { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS },
      environment,
      ...asked,
      query: new URLSearchParams(asked.query),
    });
    let answer: Answer | undefined;
    try {
      answer = await handler(exchange);
    } catch (error) {
      answer = answerTo(error);
      if (answer === undefined) throw error;
    }
    answer.transfer?.end();
    const text = String(contentOf(answer) ?? '');
    return { status: answer.status, headers: answer.headers ?? {}, body: text === '' ? undefined : parsed(text) };
  };
  return { handlers, storage, live, connections, budget, clock, environment, reported, revoked, posted, ask };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
