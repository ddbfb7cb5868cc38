import type { AuditEntry } from '../../model/audit.js';
import { isWanted, messageOf, type WebhookMessage } from '../../model/webhook.js';
import { newId } from '../ids.js';
import { eventsIn } from '../webhook-rows.js';
import type { PostgresConnection } from './connection.js';

/** When something is queued, and how much may wait for a webhook. */
interface Queueing {
  readonly now: number;
  readonly maxWaiting: number;
}

/** Queues an entry of the audit log for the webhooks that want it; call it inside the transaction that writes the entry. */
export async function queueForWebhooks(
  connection: PostgresConnection,
  entry: AuditEntry,
  bounds: Queueing,
): Promise<void> {
  const { environment } = entry.subject;
  if (environment === undefined) return;
  const webhooks = await connection.rows<{ readonly id: string; readonly events: string }>(
    `SELECT id, events FROM webhooks WHERE is_enabled
       AND environment_id = (SELECT id FROM environments WHERE key = $1) ORDER BY place`,
    environment,
  );
  if (webhooks.length === 0) return;
  const message = messageOf(entry);
  for (const { id, events } of webhooks) {
    if (isWanted(eventsIn(events), message.type)) await queue(connection, id, message, bounds);
  }
}

async function queue(
  connection: PostgresConnection,
  webhookId: string,
  { type, body }: WebhookMessage,
  { now, maxWaiting }: Queueing,
): Promise<void> {
  // Somebody may be removing the webhook: that must not undo the change that this is about.
  await connection.run(
    `INSERT INTO webhook_deliveries (webhook_id, message_id, type, state, created_at, next_at, body)
     SELECT id, $2, $3, 'waiting', $4, $4, $5 FROM webhooks WHERE id = $1 FOR KEY SHARE`,
    webhookId,
    `msg_${newId()}`,
    type,
    now,
    body,
  );
  const dropped = await connection.run(
    `DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting' AND id <=
       (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting' ORDER BY id DESC LIMIT 1 OFFSET $2)`,
    webhookId,
    maxWaiting,
  );
  if (dropped > 0) await connection.run('UPDATE webhooks SET dropped = dropped + $1 WHERE id = $2', dropped, webhookId);
}
