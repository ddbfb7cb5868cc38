import { KEPT_DELIVERIES } from '../../model/webhook.js';
import type { Clock } from '../../runtime/clock.js';
import { newId } from '../ids.js';
import {
  DELIVERY_COLUMNS,
  type DeliveryRow,
  deliveryOf,
  type SecretRow,
  signingSecretsOf,
  WEBHOOK_COLUMNS,
  type WebhookRow,
  webhookOf,
} from '../webhook-rows.js';
import type { ClaimedDelivery, Webhooks } from '../webhooks.js';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';

/** @param writeSealed how the webhooks themselves are written; their messages change all the time. */
export function sqliteWebhooks(
  { connection, read, write }: Session,
  writeSealed: Session['write'],
  clock: Clock,
): Webhooks {
  const find = (id: string) => {
    const row = connection.row<WebhookRow>(`${SELECT} WHERE id = ?`, id);
    return row && webhookOf(row);
  };
  const secretsOf = (id: string) => {
    const sql = 'SELECT secret, previous_secret, previous_until FROM webhooks WHERE id = ?';
    const row = connection.row<SecretRow>(sql, id);
    return row && signingSecretsOf(row);
  };
  const delivery = (id: number) => {
    const row = connection.row<DeliveryRow>(`${SELECT_DELIVERY} WHERE id = ?`, id);
    return row && deliveryOf(row);
  };
  return {
    list: (environmentId) =>
      read(() => {
        const sql = `${SELECT} WHERE environment_id = ? ORDER BY rowid`;
        return connection.rows<WebhookRow>(sql, environmentId).map(webhookOf);
      }),
    get: (environmentId, id) =>
      read(() => {
        const webhook = find(id);
        return webhook?.environmentId === environmentId ? webhook : undefined;
      }),
    add: ({ environmentId, name, url, events, createdBy }, secret) =>
      writeSealed(() => {
        const id = newId();
        const createdAt = clock.now();
        connection.run(
          `INSERT INTO webhooks (id, environment_id, name, url, events, secret, created_by, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[id, environmentId, name, url, JSON.stringify(events), secret, createdBy, createdAt],
        );
        return { id, environmentId, name, url, events, isEnabled: true, createdBy, createdAt };
      }),
    change: (id, change) =>
      writeSealed(() => {
        const before = find(id);
        if (before === undefined) return undefined;
        const { name, url, events, isEnabled } = { ...before, ...change };
        connection.run(
          'UPDATE webhooks SET name = ?, url = ?, events = ?, is_enabled = ? WHERE id = ?',
          ...[name, url, JSON.stringify(events), isEnabled ? 1 : 0, id],
        );
        return { ...before, name, url, events, isEnabled };
      }),
    remove: (id) => writeSealed(() => connection.run('DELETE FROM webhooks WHERE id = ?', id) > 0),
    secretsOf: (id) => read(() => secretsOf(id)),
    renewSecret: (id, secret, previousUntil) =>
      writeSealed(() => {
        const sql = 'UPDATE webhooks SET previous_secret = secret, previous_until = ?, secret = ? WHERE id = ?';
        return connection.run(sql, previousUntil, secret, id) > 0;
      }),
    counts: (id) => read(() => countsOf(connection, id)),
    deliveries: (id, limit) =>
      read(() => {
        const sql = `${SELECT_DELIVERY} WHERE webhook_id = ? ORDER BY id DESC LIMIT ?`;
        return connection.rows<DeliveryRow>(sql, id, limit).map(deliveryOf);
      }),
    record: (webhookId, { type, body }, messageId, { state, triedAt, status, problem }) =>
      write(() => {
        const row = connection.row<DeliveryRow>(
          `INSERT INTO webhook_deliveries (webhook_id, message_id, type, state, created_at, attempts, tried_at, status, problem, body)
           VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?) RETURNING ${DELIVERY_COLUMNS}`,
          ...[webhookId, messageId, type, state, triedAt, triedAt, status ?? null, problem ?? null, body],
        );
        forgetOldest(connection, webhookId);
        if (row === undefined) throw new Error('unreachable');
        return deliveryOf(row);
      }, 'process'),
    claim: ({ now, until, most, busy }) =>
      write((): readonly ClaimedDelivery[] => {
        const due = connection.rows<{ readonly id: number; readonly webhook_id: string }>(DUE, now);
        return due
          .filter(({ webhook_id }) => !busy.has(webhook_id))
          .slice(0, most)
          .flatMap(({ id, webhook_id }) => {
            connection.run('UPDATE webhook_deliveries SET claimed_until = ? WHERE id = ?', until, id);
            const [webhook, secrets, claimed] = [find(webhook_id), secretsOf(webhook_id), delivery(id)];
            const text = connection.row<{ readonly body: string }>(
              'SELECT body FROM webhook_deliveries WHERE id = ?',
              id,
            );
            if (!webhook || !secrets || !claimed || !text) return [];
            return [{ webhook, secrets, delivery: claimed, body: text.body }];
          });
      }, 'process'),
    settle: (id, { state, triedAt, nextAt, status, problem }) =>
      write(() => {
        const row = connection.row<{ readonly webhook_id: string }>(
          `UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, tried_at = ?, next_at = ?, claimed_until = 0,
             status = ?, problem = ? WHERE id = ? AND state = 'waiting' RETURNING webhook_id`,
          ...[state, triedAt, nextAt ?? null, status ?? null, problem ?? null, id],
        );
        if (row !== undefined && state !== 'waiting') forgetOldest(connection, row.webhook_id);
      }, 'process'),
    retry: (webhookId, id, now) =>
      write(() => {
        const changed = connection.run(
          `UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = ?, claimed_until = 0
           WHERE id = ? AND webhook_id = ? AND state = 'dead'`,
          ...[now, id, webhookId],
        );
        return changed > 0 ? delivery(id) : undefined;
      }),
    nextAt: () => read(() => connection.row<{ readonly at: number | null }>(NEXT)?.at ?? undefined),
  };
}

const SELECT = `SELECT ${WEBHOOK_COLUMNS} FROM webhooks`;
const SELECT_DELIVERY = `SELECT ${DELIVERY_COLUMNS} FROM webhook_deliveries`;

const DUE = `
  SELECT min(id) AS id, webhook_id FROM webhook_deliveries WHERE state = 'waiting' AND next_at <= ?1 AND claimed_until <= ?1
    AND webhook_id IN (SELECT id FROM webhooks WHERE is_enabled = 1) GROUP BY webhook_id ORDER BY min(id)`;

const NEXT = `
  SELECT min(max(next_at, claimed_until)) AS at FROM webhook_deliveries WHERE state = 'waiting'
    AND webhook_id IN (SELECT id FROM webhooks WHERE is_enabled = 1)`;

function countsOf(connection: SqliteConnection, id: string) {
  const states = connection.rows<{ readonly state: string; readonly count: number }>(
    'SELECT state, count(*) AS count FROM webhook_deliveries WHERE webhook_id = ? GROUP BY state',
    id,
  );
  const count = (wanted: string) => states.find(({ state }) => state === wanted)?.count ?? 0;
  const row = connection.row<{ readonly dropped: number }>('SELECT dropped FROM webhooks WHERE id = ?', id);
  const dropped = row?.dropped ?? 0;
  return { waiting: count('waiting'), delivered: count('delivered'), dead: count('dead'), dropped };
}

function forgetOldest(connection: SqliteConnection, webhookId: string): void {
  connection.run(
    `DELETE FROM webhook_deliveries WHERE webhook_id = ?1 AND state <> 'waiting' AND id <=
       (SELECT id FROM webhook_deliveries WHERE webhook_id = ?1 AND state <> 'waiting' ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
    webhookId,
    KEPT_DELIVERIES,
  );
}
