import type { NewTriggerBody, TriggerBody, TriggeredBody, TriggerListBody } from '../api/triggers.js';
import { type Answer, empty, json } from '../http/answer.js';
import { tooManyAttempts } from '../http/doorkeeper.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import { errorAnswer } from '../http/refusals.js';
import { Refusal } from '../model/refusal.js';
import { TRIGGER_ACTIONS, type Trigger } from '../model/trigger.js';
import type { FlagTriggers } from '../triggers/flag-triggers.js';
import { isoTime, isoTimeOrNull } from './answer-parts.js';
import { authorship, bodyFields, parameter } from './parameters.js';
import { readName } from './sessions.js';

/** Where triggers are used. */
export const TRIGGER_PATH = '/api/public/triggers';

/** Triggers: their use by whoever has the address, and their management. */
export function triggerHandlers(triggers: FlagTriggers) {
  const by = (exchange: EnvironmentExchange) => ({
    environment: exchange.environment,
    flagKey: parameter(exchange, 'key'),
    ...authorship(exchange),
  });
  const id = (exchange: EnvironmentExchange) => parameter(exchange, 'trigger');
  return {
    use: async (exchange: Exchange): Promise<Answer> => {
      const outcome = await triggers.use(parameter(exchange, 'token'), exchange.address);
      if (outcome.kind === 'too-many') return tooManyAttempts('This was asked for too often', outcome.retryAfter);
      if (outcome.kind === 'unknown') {
        return errorAnswer(404, 'not-found', 'There is no such trigger, or it is switched off.');
      }
      const { key: flag, version, text } = outcome.document;
      const { isEnabled } = JSON.parse(text) as { readonly isEnabled?: unknown };
      return json<TriggeredBody>({ flag, isEnabled: isEnabled === true, version });
    },
    listAll: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<TriggerListBody>({ items: (await triggers.list(environment)).map(present) }),
    list: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const own = await triggers.list(exchange.environment, parameter(exchange, 'key'));
      return json<TriggerListBody>({ items: own.map(present) });
    },
    /** Body: `{"name": …, "action": "on", "off" or "toggle"}`. */
    create: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { name, action } = bodyFields(exchange.body, ['name', 'action']);
      const known = TRIGGER_ACTIONS.find((one) => one === action);
      if (known === undefined) {
        throw new Refusal('invalid-request', `action: Must be one of ${TRIGGER_ACTIONS.join(', ')}.`);
      }
      const { token, trigger } = await triggers.make({ name: readName(name), action: known }, by(exchange));
      return json<NewTriggerBody>(reveal(trigger, token), 201);
    },
    change: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { name, isEnabled } = bodyFields(exchange.body, ['name', 'isEnabled']);
      if (isEnabled !== undefined && typeof isEnabled !== 'boolean') {
        throw new Refusal('invalid-request', 'isEnabled: Must be true or false.');
      }
      if (name === undefined && isEnabled === undefined) {
        throw new Refusal('invalid-request', 'Send what is to be another: name or isEnabled.');
      }
      const change = {
        ...(name === undefined ? {} : { name: readName(name) }),
        ...(isEnabled === undefined ? {} : { isEnabled }),
      };
      return json<TriggerBody>(present(await triggers.change(id(exchange), change, by(exchange))));
    },
    remove: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await triggers.remove(id(exchange), by(exchange));
      return empty(204);
    },
    renew: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { token, trigger } = await triggers.renew(id(exchange), by(exchange));
      return json<NewTriggerBody>(reveal(trigger, token));
    },
  };
}

function present(trigger: Trigger): TriggerBody {
  const { id, flagKey: flag, name, action, start, isEnabled, createdBy, createdAt, uses, lastUsedAt } = trigger;
  const dates = { createdAt: isoTime(createdAt), uses, lastUsedAt: isoTimeOrNull(lastUsedAt) };
  return { id, flag, name, action, start, isEnabled, createdBy, ...dates };
}

function reveal(trigger: Trigger, token: string): NewTriggerBody {
  return { ...present(trigger), token, path: `${TRIGGER_PATH}/${token}` };
}
