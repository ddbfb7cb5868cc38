import type { Delivery, DeliveryState, SigningSecrets, Webhook } from '../model/webhook.js';

/** What is read of a webhook: never its secrets. */
export const WEBHOOK_COLUMNS = 'id, environment_id, name, url, events, is_enabled, created_by, created_at';

export interface WebhookRow {
  readonly id: string;
  readonly environment_id: string;
  readonly name: string;
  readonly url: string;
  readonly events: string;
  readonly is_enabled: number | boolean;
  readonly created_by: string;
  readonly created_at: number;
}

export function webhookOf(row: WebhookRow): Webhook {
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    url: row.url,
    events: eventsIn(row.events),
    isEnabled: Boolean(row.is_enabled),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

/** Nothing when it is damaged: such a webhook is sent nothing until it is changed. */
export function eventsIn(text: string): readonly string[] {
  try {
    const events: unknown = JSON.parse(text);
    return Array.isArray(events) ? events.map(String) : [];
  } catch {
    return [];
  }
}

export interface SecretRow {
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_until: number | null;
}

export function signingSecretsOf({ secret, previous_secret, previous_until }: SecretRow): SigningSecrets {
  const previous =
    previous_secret === null || previous_until === null ? undefined : { value: previous_secret, until: previous_until };
  return { current: secret, previous };
}

export const DELIVERY_COLUMNS =
  'id, webhook_id, message_id, type, state, created_at, attempts, tried_at, next_at, status, problem';

export interface DeliveryRow {
  readonly id: number;
  readonly webhook_id: string;
  readonly message_id: string;
  readonly type: string;
  readonly state: string;
  readonly created_at: number;
  readonly attempts: number;
  readonly tried_at: number | null;
  readonly next_at: number | null;
  readonly status: number | null;
  readonly problem: string | null;
}

export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    messageId: row.message_id,
    type: row.type,
    state: row.state as DeliveryState,
    createdAt: row.created_at,
    attempts: row.attempts,
    triedAt: row.tried_at ?? undefined,
    nextAt: row.next_at ?? undefined,
    status: row.status ?? undefined,
    problem: row.problem ?? undefined,
  };
}
