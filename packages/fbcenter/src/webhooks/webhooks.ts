import type { Actor } from '../model/actor.js';
import type { AuditDraft, ChangeNote } from '../model/audit.js';
import type { Environment } from '../model/environment.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Delivery, Webhook } from '../model/webhook.js';
import type { Clock } from '../runtime/clock.js';
import { GatheredChanges } from '../runtime/gathered-changes.js';
import { newId } from '../storage/ids.js';
import type { Storage, Transaction } from '../storage/storage.js';
import type { DeliveryCounts, WebhookChange } from '../storage/webhooks.js';
import { outcomeOf } from './dispatcher.js';
import { MAX_ATTEMPTS } from './retries.js';
import type { WebhookSender } from './sender.js';
import { newSigningSecret, signed } from './signature.js';
import { addressText } from './webhook-url.js';

/** Each of them is asked for with every change. */
const MAX_WEBHOOKS = 20;
/** How long the secret before a new one counts, in milliseconds: receivers take the new one over meanwhile. */
const OVERLAP = 86_400_000;

/** What somebody makes of an environment. */
interface Authorship {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly by: Actor;
  readonly note: ChangeNote;
}

/** A webhook with how its messages stand. */
export interface WebhookState {
  readonly webhook: Webhook;
  readonly counts: DeliveryCounts;
  /** The newest message. */
  readonly last: Delivery | undefined;
}

interface ManagementParts {
  readonly storage: Pick<Storage, 'webhooks' | 'transact'>;
  readonly sender: Pick<WebhookSender, 'post'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Something is to be sent. */
  poke(): void;
}

/** The webhooks of environments as things that are made, changed, tried out and ended; each of it is in the audit log. */
export class WebhookManagement {
  /** Webhooks that have changed, or of whose messages something came, by their ids. */
  readonly changes = new GatheredChanges();
  readonly #parts: ManagementParts;

  constructor(parts: ManagementParts) {
    this.#parts = parts;
  }

  async list({ id }: Pick<Environment, 'id'>): Promise<readonly WebhookState[]> {
    const states: WebhookState[] = [];
    for (const webhook of await this.#parts.storage.webhooks.list(id)) states.push(await this.#state(webhook));
    return states;
  }

  async get(environment: Pick<Environment, 'id'>, id: string): Promise<WebhookState> {
    return this.#state(await find(this.#parts.storage, environment, id));
  }

  /** @returns with the secret, which is not shown again. @throws Refusal `limit-reached` */
  async create(
    wanted: Pick<Webhook, 'name' | 'url' | 'events'>,
    authorship: Authorship,
  ): Promise<WebhookState & { readonly secret: string }> {
    const { environment, by } = authorship;
    const secret = newSigningSecret();
    const made = await this.#parts.storage.transact(async (transaction) => {
      const { webhooks } = transaction;
      if ((await webhooks.list(environment.id)).length >= MAX_WEBHOOKS) {
        throw new Refusal('limit-reached', `An environment takes ${MAX_WEBHOOKS} webhooks: remove one first.`);
      }
      const webhook = await webhooks.add({ ...wanted, environmentId: environment.id, createdBy: by.name }, secret);
      await note(transaction, authorship, { action: 'create', name: webhook.name, after: stateOf(webhook) });
      return webhook;
    });
    this.changes.note(environment.id, made.id);
    return { ...(await this.#state(made)), secret };
  }

  async change(id: string, change: WebhookChange, authorship: Authorship): Promise<WebhookState> {
    const changed = await this.#parts.storage.transact(async (transaction) => {
      const before = await find(transaction, authorship.environment, id);
      const after = (await transaction.webhooks.change(id, change)) ?? missing();
      const states = { before: stateOf(before), after: stateOf(after) };
      await note(transaction, authorship, { action: 'update', name: after.name, ...states });
      return after;
    });
    this.changes.note(authorship.environment.id, id);
    // What has waited while it was disabled is due.
    this.#parts.poke();
    return this.#state(changed);
  }

  async remove(id: string, authorship: Authorship): Promise<void> {
    await this.#parts.storage.transact(async (transaction) => {
      const webhook = await find(transaction, authorship.environment, id);
      await transaction.webhooks.remove(id);
      await note(transaction, authorship, { action: 'delete', name: webhook.name, before: stateOf(webhook) });
    });
    this.changes.note(authorship.environment.id, id);
  }

  /** A new secret; messages are signed by the one before it, too, for a day. */
  async renewSecret(id: string, authorship: Authorship): Promise<WebhookState & { readonly secret: string }> {
    const secret = newSigningSecret();
    const webhook = await this.#parts.storage.transact(async (transaction) => {
      const found = await find(transaction, authorship.environment, id);
      await transaction.webhooks.renewSecret(id, secret, this.#parts.clock.now() + OVERLAP);
      await note(transaction, authorship, { action: 'renew-secret', name: found.name });
      return found;
    });
    this.changes.note(webhook.environmentId, id);
    return { ...(await this.#state(webhook)), secret };
  }

  /** Sends a message of no consequence, now and once. */
  async test({ id: environmentId, key }: Pick<Environment, 'id' | 'key'>, id: string): Promise<Delivery> {
    const { storage, sender, clock } = this.#parts;
    const webhook = await find(storage, { id: environmentId }, id);
    const secrets = (await storage.webhooks.secretsOf(id)) ?? missing();
    const type = 'webhook.test';
    const data = { environment: key, webhook: webhook.name };
    const body = JSON.stringify({ type, timestamp: new Date(clock.now()).toISOString(), data });
    const messageId = `msg_${newId()}`;
    const attempt = await sender.post(webhook.url, body, signed(messageId, body, secrets, clock.now()));
    // It is not tried again: somebody waits for what comes of it.
    const outcome = outcomeOf(attempt, MAX_ATTEMPTS, clock.now(), 0);
    const delivery = await storage.webhooks.record(id, { type, body }, messageId, outcome);
    this.changes.note(environmentId, id);
    return delivery;
  }

  async deliveries(environment: Pick<Environment, 'id'>, id: string, limit: number): Promise<readonly Delivery[]> {
    await find(this.#parts.storage, environment, id);
    return this.#parts.storage.webhooks.deliveries(id, limit);
  }

  /** Has a message that was given up tried anew, as often as the first time. */
  async retry(environment: Pick<Environment, 'id'>, id: string, delivery: number): Promise<Delivery> {
    const { storage, clock, poke } = this.#parts;
    await find(storage, environment, id);
    const waiting = await storage.webhooks.retry(id, delivery, clock.now());
    if (waiting === undefined) {
      throw new Refusal('not-found', 'There is no such message that was given up: it may be forgotten already.');
    }
    this.changes.note(environment.id, id);
    poke();
    return waiting;
  }

  async #state(webhook: Webhook): Promise<WebhookState> {
    const { webhooks } = this.#parts.storage;
    const [last] = await webhooks.deliveries(webhook.id, 1);
    return { webhook, counts: await webhooks.counts(webhook.id), last };
  }
}

async function find(
  { webhooks }: Pick<Storage, 'webhooks'>,
  { id: environmentId }: Pick<Environment, 'id'>,
  id: string,
): Promise<Webhook> {
  return (await webhooks.get(environmentId, id)) ?? missing();
}

function missing(): never {
  throw new Refusal('not-found', 'There is no such webhook in this environment: it may be removed already.');
}

type What = Pick<AuditDraft, 'action' | 'before' | 'after'> & { readonly name: string };

async function note(
  { audit }: Transaction,
  { environment, by, note }: Authorship,
  { name, ...what }: What,
): Promise<void> {
  await audit.append({
    ...note,
    actor: by,
    ...what,
    subject: { kind: 'webhook', key: name, environment: environment.key },
  });
}

/** What is of interest of a webhook. */
function stateOf({ id, name, url, events, isEnabled }: Webhook): JsonObject {
  return { id, name, address: addressText(url), events, isEnabled };
}
