import type { DeliveryBody, DeliveryListBody, NewWebhookBody, WebhookBody, WebhookListBody } from '../api/webhooks.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import { Refusal } from '../model/refusal.js';
import { type Delivery, isEventPattern } from '../model/webhook.js';
import { urlProblem } from '../webhooks/webhook-url.js';
import type { WebhookManagement, WebhookState } from '../webhooks/webhooks.js';
import { isoTime, isoTimeOrNull } from './answer-parts.js';
import { authorship, bodyFields, parameter, wholeNumber } from './parameters.js';
import { readName } from './sessions.js';

/** What is sent unless it is said otherwise. */
const DEFAULT_EVENTS = ['flag.*', 'segment.*'];
const MAX_EVENTS = 20;
const PAGE = { fallback: 50, min: 1, max: 100 };

/**
 * Management of the webhooks of an environment.
 *
 * @param toPrivate whether addresses of private networks are taken.
 */
export function webhookHandlers(management: WebhookManagement, toPrivate: boolean) {
  const by = (exchange: EnvironmentExchange) => ({ environment: exchange.environment, ...authorship(exchange) });
  const id = (exchange: EnvironmentExchange) => parameter(exchange, 'webhook');
  return {
    list: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<WebhookListBody>({ items: (await management.list(environment)).map(present) }),
    get: async (exchange: EnvironmentExchange): Promise<Answer> =>
      json<WebhookBody>(present(await management.get(exchange.environment, id(exchange)))),
    /** Body: `{"name": …, "url": …, "events": […]}`. */
    create: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { name, url, events = DEFAULT_EVENTS } = bodyFields(exchange.body, ['name', 'url', 'events']);
      const wanted = { name: readName(name), url: readUrl(url, toPrivate), events: readEvents(events) };
      const { secret, ...made } = await management.create(wanted, by(exchange));
      return json<NewWebhookBody>({ ...present(made), secret }, 201);
    },
    /** Body: what is to be another; the rest stays. */
    change: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { name, url, events, isEnabled } = bodyFields(exchange.body, ['name', 'url', 'events', 'isEnabled']);
      if (isEnabled !== undefined && typeof isEnabled !== 'boolean') {
        throw new Refusal('invalid-request', 'isEnabled: Must be true or false.');
      }
      if ([name, url, events, isEnabled].every((field) => field === undefined)) {
        throw new Refusal('invalid-request', 'Send what is to be another: name, url, events or isEnabled.');
      }
      const change = {
        ...(name === undefined ? {} : { name: readName(name) }),
        ...(url === undefined ? {} : { url: readUrl(url, toPrivate) }),
        ...(events === undefined ? {} : { events: readEvents(events) }),
        ...(isEnabled === undefined ? {} : { isEnabled }),
      };
      return json<WebhookBody>(present(await management.change(id(exchange), change, by(exchange))));
    },
    remove: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await management.remove(id(exchange), by(exchange));
      return empty(204);
    },
    renewSecret: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { secret, ...state } = await management.renewSecret(id(exchange), by(exchange));
      return json<NewWebhookBody>({ ...present(state), secret });
    },
    test: async (exchange: EnvironmentExchange): Promise<Answer> =>
      json<DeliveryBody>(presentDelivery(await management.test(exchange.environment, id(exchange)))),
    deliveries: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const limit = wholeNumber(exchange, 'limit', PAGE);
      const deliveries = await management.deliveries(exchange.environment, id(exchange), limit);
      return json<DeliveryListBody>({ items: deliveries.map(presentDelivery) });
    },
    retry: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const text = parameter(exchange, 'delivery');
      const delivery = /^\d{1,15}$/.test(text) ? Number(text) : 0;
      return json<DeliveryBody>(presentDelivery(await management.retry(exchange.environment, id(exchange), delivery)));
    },
  };
}

function present({ webhook, counts, last }: WebhookState): WebhookBody {
  const { id, name, url, events, isEnabled, createdBy, createdAt } = webhook;
  return {
    ...{ id, name, url, events, isEnabled, createdBy, createdAt: isoTime(createdAt), deliveries: counts },
    last: last === undefined ? null : presentDelivery(last),
  };
}

function presentDelivery(delivery: Delivery): DeliveryBody {
  const { id, messageId, type, state, createdAt, attempts, triedAt, nextAt, status = null, problem = null } = delivery;
  return {
    ...{ id: String(id), messageId, type, state, createdAt: isoTime(createdAt), attempts },
    ...{ triedAt: isoTimeOrNull(triedAt), nextAt: isoTimeOrNull(nextAt), status, problem },
  };
}

function readUrl(value: unknown, toPrivate: boolean): string {
  const problem = urlProblem(value, toPrivate);
  if (problem === undefined) return String(value);
  throw new Refusal('invalid-request', `url: ${problem}`);
}

function readEvents(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= MAX_EVENTS && value.every(isEventPattern)) {
    return [...new Set(value)];
  }
  const must = `Must be a list of 1 to ${MAX_EVENTS}, such as ["flag.*", "segment.archive"], or ["*"].`;
  throw new Refusal('invalid-request', `events: ${must}`);
}
