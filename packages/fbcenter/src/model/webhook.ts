import type { AuditEntry } from './audit.js';

/** Somebody's address that is sent what happens in an environment. Times in Unix milliseconds. */
export interface Webhook {
  readonly id: string;
  readonly environmentId: string;
  /** What people call it by. */
  readonly name: string;
  /** May hold a credential of the receiver's. */
  readonly url: string;
  /** Which events it is sent: see {@link isWanted}. */
  readonly events: readonly string[];
  readonly isEnabled: boolean;
  /** The name of whoever made it. */
  readonly createdBy: string;
  readonly createdAt: number;
}

/** What a webhook's messages are signed with: credentials. */
export interface SigningSecrets {
  readonly current: string;
  /** The one before it, by which messages are signed, too, for a while. */
  readonly previous: { readonly value: string; readonly until: number } | undefined;
}

/** What a webhook is sent. */
export interface WebhookMessage {
  /** Such as `flag.switch-on`. */
  readonly type: string;
  /** The body as JSON text; the same in each attempt. */
  readonly body: string;
}

/** `dead`: it was tried as often as anything is, or the receiver is gone. */
export type DeliveryState = 'waiting' | 'delivered' | 'dead';

/** A message on its way to a webhook. Times in Unix milliseconds. */
export interface Delivery {
  /** Grows with each one. */
  readonly id: number;
  readonly webhookId: string;
  /** By which the receiver knows that it has had the message already. */
  readonly messageId: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly createdAt: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** When it was tried last; absent = not yet. */
  readonly triedAt: number | undefined;
  /** When it is tried next; absent unless it waits. */
  readonly nextAt: number | undefined;
  /** What the receiver has answered at the last attempt; absent = nothing. */
  readonly status: number | undefined;
  /** Why the last attempt came to nothing; absent = it did not. */
  readonly problem: string | undefined;
}

/** How an attempt went, and what follows from it. */
export interface DeliveryOutcome {
  readonly state: DeliveryState;
  readonly triedAt: number;
  readonly nextAt: number | undefined;
  readonly status: number | undefined;
  readonly problem: string | undefined;
}

/** Messages of a webhook that may wait: of more, the oldest are dropped. An import of some thousand flags makes as many. */
export const MAX_WAITING = 10_000;

/** Messages of a webhook that are shown after they were delivered or given up. */
export const KEPT_DELIVERIES = 100;

/** What a webhook can ask for: everything, everything about one kind of thing, or one thing that is done to it. */
const PATTERN = /^(?:\*|[a-z]+(?:-[a-z]+)*\.(?:\*|[a-z]+(?:-[a-z]+)*))$/;

/** Whether a text is something that a webhook can ask for: `*`, `flag.*`, `flag.switch-off`. */
export function isEventPattern(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 81 && PATTERN.test(text);
}

/** Whether a webhook that asks for some events is sent one of this type. */
export function isWanted(events: readonly string[], type: string): boolean {
  const [kind] = type.split('.');
  return events.some((pattern) => pattern === '*' || pattern === type || pattern === `${kind}.*`);
}

/**
 * What webhooks are sent of an entry of the audit log: what was done to what by whom, and no document. Whoever needs that asks for it, with
 * an access token.
 */
export function messageOf({ id, at, actor, action, subject, ...entry }: AuditEntry): WebhookMessage {
  const type = `${subject.kind}.${action}`;
  const data = {
    entry: id,
    environment: subject.environment ?? null,
    kind: subject.kind,
    key: subject.key,
    action,
    version: entry.version ?? null,
    beforeVersion: entry.beforeVersion ?? null,
    fields: entry.fields,
    actor,
    comment: entry.comment ?? null,
    group: entry.group ?? null,
    source: entry.source ?? null,
  };
  return { type, body: JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }) };
}
