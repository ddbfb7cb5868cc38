import type { AuditEntry } from '../../model/audit.js';
import { isWanted, messageOf, type WebhookMessage } from '../../model/webhook.js';
import { newId } from '../ids.js';
import { eventsIn } from '../webhook-rows.js';
import type { SqliteConnection } from './connection.js';

/** When something is queued, and how much may wait for a webhook. */
interface Queueing {
  readonly now: number;
  readonly maxWaiting: number;
}

/** Queues an entry of the audit log for the webhooks that want it; call it inside the transaction that writes the entry. */
export function queueForWebhooks(connection: SqliteConnection, entry: AuditEntry, bounds: Queueing): void {
  const { environment } = entry.subject;
  if (environment === undefined) return;
  const webhooks = connection.rows<{ readonly id: string; readonly events: string }>(
    `SELECT id, events FROM webhooks WHERE is_enabled = 1
       AND environment_id = (SELECT id FROM environments WHERE key = ?) ORDER BY rowid`,
    environment,
  );
  if (webhooks.length === 0) return;
  const message = messageOf(entry);
  for (const { id, events } of webhooks)
    if (isWanted(eventsIn(events), message.type)) queue(connection, id, message, bounds);
}

function queue(
  connection: SqliteConnection,
  webhookId: string,
  { type, body }: WebhookMessage,
  { now, maxWaiting }: Queueing,
): void {
  connection.run(
    `INSERT INTO webhook_deliveries (webhook_id, message_id, type, state, created_at, next_at, body)
     VALUES (?, ?, ?, 'waiting', ?, ?, ?)`,
    webhookId,
    `msg_${newId()}`,
    type,
    now,
    now,
    body,
  );
  const dropped = connection.run(
    `DELETE FROM webhook_deliveries WHERE webhook_id = ?1 AND state = 'waiting' AND id <=
       (SELECT id FROM webhook_deliveries WHERE webhook_id = ?1 AND state = 'waiting' ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
    webhookId,
    maxWaiting,
  );
  if (dropped > 0) connection.run('UPDATE webhooks SET dropped = dropped + ? WHERE id = ?', dropped, webhookId);
}
