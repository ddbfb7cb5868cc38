import type {
  Delivery,
  DeliveryOutcome,
  DeliveryState,
  SigningSecrets,
  Webhook,
  WebhookMessage,
} from '../model/webhook.js';

/** What can be changed of a webhook; what is absent stays. */
export type WebhookChange = Partial<Pick<Webhook, 'name' | 'url' | 'events' | 'isEnabled'>>;

/** How many messages of a webhook are in which state, and how many were dropped because too many waited. */
export type DeliveryCounts = Readonly<Record<DeliveryState | 'dropped', number>>;

/** A message that one center alone sends now. */
export interface ClaimedDelivery {
  readonly delivery: Delivery;
  readonly body: string;
  readonly webhook: Webhook;
  readonly secrets: SigningSecrets;
}

interface Claim {
  readonly now: number;
  /** Until when nobody else takes what is taken now: a center that ends meanwhile has not sent it. */
  readonly until: number;
  readonly most: number;
  /** Webhooks that are being sent something. */
  readonly busy: ReadonlySet<string>;
}

/**
 * The webhooks of environments, and the messages on their way to them. Whatever is written into the audit log of an environment is queued for its
 * webhooks that are enabled and want it, by the same transaction.
 */
export interface Webhooks {
  /** In the order in which they were made. */
  list(environmentId: string): Promise<readonly Webhook[]>;
  get(environmentId: string, id: string): Promise<Webhook | undefined>;
  add(
    webhook: Pick<Webhook, 'environmentId' | 'name' | 'url' | 'events' | 'createdBy'>,
    secret: string,
  ): Promise<Webhook>;
  /** @returns it as it is now; `undefined` when there is none. */
  change(id: string, change: WebhookChange): Promise<Webhook | undefined>;
  /** Removes it with its messages. @returns `false` when there is none. */
  remove(id: string): Promise<boolean>;
  secretsOf(id: string): Promise<SigningSecrets | undefined>;
  /** Replaces the secret; the one before counts until then. @returns `false` when there is no such webhook. */
  renewSecret(id: string, secret: string, previousUntil: number): Promise<boolean>;
  counts(id: string): Promise<DeliveryCounts>;
  /** The newest messages of a webhook, the newest first. */
  deliveries(id: string, limit: number): Promise<readonly Delivery[]>;
  /** Keeps a message that was sent outside of the queue, with what came of it. */
  record(webhookId: string, message: WebhookMessage, messageId: string, outcome: DeliveryOutcome): Promise<Delivery>;
  /** Takes the oldest message that is due of each webhook that is enabled, some at most. */
  claim(claim: Claim): Promise<readonly ClaimedDelivery[]>;
  /** Notes how an attempt went, and forgets the oldest messages that are over. */
  settle(id: number, outcome: DeliveryOutcome): Promise<void>;
  /** Has a message that is dead tried anew. @returns `undefined` when the webhook has no such message. */
  retry(webhookId: string, id: number, now: number): Promise<Delivery | undefined>;
  /** When the next message is due; `undefined` when none waits. */
  nextAt(): Promise<number | undefined>;
}
