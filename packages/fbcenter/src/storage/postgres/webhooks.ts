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
import type { PostgresConnection } from './connection.js';
import type { Scope, Session } from './session.js';

export function postgresWebhooks({ read, write }: Session, clock: Clock): Webhooks {
  const of = (environmentId: string): Scope => ({ kind: 'environment', environmentId });
  return {
    list: (environmentId) =>
      read(async (connection) => {
        const sql = `${SELECT} WHERE environment_id = $1 ORDER BY place`;
        return (await connection.rows<WebhookRow>(sql, environmentId)).map(webhookOf);
      }, of(environmentId)),
    get: (environmentId, id) =>
      read(async (connection) => {
        const webhook = await find(connection, id);
        return webhook?.environmentId === environmentId ? webhook : undefined;
      }, of(environmentId)),
    add: ({ environmentId, name, url, events, createdBy }, secret) =>
      write(async (connection) => {
        const id = newId();
        const createdAt = clock.now();
        await connection.run(
          `INSERT INTO webhooks (id, environment_id, name, url, events, secret, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          ...[id, environmentId, name, url, JSON.stringify(events), secret, createdBy, createdAt],
        );
        return { id, environmentId, name, url, events, isEnabled: true, createdBy, createdAt };
      }, of(environmentId)),
    change: (id, change) =>
      write(async (connection) => {
        const before = await find(connection, id);
        if (before === undefined) return undefined;
        const { name, url, events, isEnabled } = { ...before, ...change };
        await connection.run(
          'UPDATE webhooks SET name = $1, url = $2, events = $3, is_enabled = $4 WHERE id = $5',
          ...[name, url, JSON.stringify(events), isEnabled, id],
        );
        return { ...before, name, url, events, isEnabled };
      }),
    remove: (id) => write(async (connection) => (await connection.run('DELETE FROM webhooks WHERE id = $1', id)) > 0),
    secretsOf: (id) => read((connection) => secretsOf(connection, id)),
    renewSecret: (id, secret, previousUntil) =>
      write(async (connection) => {
        const sql = 'UPDATE webhooks SET previous_secret = secret, previous_until = $1, secret = $2 WHERE id = $3';
        return (await connection.run(sql, previousUntil, secret, id)) > 0;
      }),
    counts: (id) => read((connection) => countsOf(connection, id)),
    deliveries: (id, limit) =>
      read(async (connection) => {
        const sql = `${SELECT_DELIVERY} WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2`;
        return (await connection.rows<DeliveryRow>(sql, id, limit)).map(deliveryOf);
      }),
    record: (webhookId, { type, body }, messageId, { state, triedAt, status, problem }) =>
      write(async (connection) => {
        const row = await connection.row<DeliveryRow>(
          `INSERT INTO webhook_deliveries (webhook_id, message_id, type, state, created_at, attempts, tried_at, status, problem, body)
           VALUES ($1, $2, $3, $4, $5, 1, $5, $6, $7, $8) RETURNING ${DELIVERY_COLUMNS}`,
          ...[webhookId, messageId, type, state, triedAt, status ?? null, problem ?? null, body],
        );
        await forgetOldest(connection, webhookId);
        if (row === undefined) throw new Error('unreachable');
        return deliveryOf(row);
      }),
    claim: ({ now, until, most, busy }) =>
      write(async (connection): Promise<readonly ClaimedDelivery[]> => {
        const claimed: ClaimedDelivery[] = [];
        const due = await connection.rows<{ readonly id: number; readonly webhook_id: string }>(DUE, now);
        for (const { id, webhook_id } of due.filter((one) => !busy.has(one.webhook_id)).slice(0, most)) {
          const row = await connection.row<DeliveryRow & { readonly body: string }>(CLAIM, until, id, now);
          const webhook = row && (await find(connection, webhook_id));
          const secrets = row && (await secretsOf(connection, webhook_id));
          if (row && webhook && secrets) claimed.push({ delivery: deliveryOf(row), body: row.body, webhook, secrets });
        }
        return claimed;
      }),
    settle: (id, { state, triedAt, nextAt, status, problem }) =>
      write(async (connection) => {
        const row = await connection.row<{ readonly webhook_id: string }>(
          `UPDATE webhook_deliveries SET state = $1, attempts = attempts + 1, tried_at = $2, next_at = $3, claimed_until = 0,
             status = $4, problem = $5 WHERE id = $6 AND state = 'waiting' RETURNING webhook_id`,
          ...[state, triedAt, nextAt ?? null, status ?? null, problem ?? null, id],
        );
        if (row !== undefined && state !== 'waiting') await forgetOldest(connection, row.webhook_id);
      }),
    retry: (webhookId, id, now) =>
      write(async (connection) => {
        const row = await connection.row<DeliveryRow>(
          `UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = $1, claimed_until = 0
           WHERE id = $2 AND webhook_id = $3 AND state = 'dead' RETURNING ${DELIVERY_COLUMNS}`,
          ...[now, id, webhookId],
        );
        return row && deliveryOf(row);
      }),
    nextAt: () =>
      read(async (connection) => (await connection.row<{ readonly at: number | null }>(NEXT))?.at ?? undefined),
  };
}

const SELECT = `SELECT ${WEBHOOK_COLUMNS} FROM webhooks`;
const SELECT_DELIVERY = `SELECT ${DELIVERY_COLUMNS} FROM webhook_deliveries`;

const DUE = `
  SELECT min(id) AS id, webhook_id FROM webhook_deliveries WHERE state = 'waiting' AND next_at <= $1 AND claimed_until <= $1
    AND webhook_id IN (SELECT id FROM webhooks WHERE is_enabled) GROUP BY webhook_id ORDER BY min(id)`;

/** Of several centers that see the same message one gets the row; the others go on without waiting for it. */
const CLAIM = `
  UPDATE webhook_deliveries SET claimed_until = $1 WHERE id =
    (SELECT id FROM webhook_deliveries WHERE id = $2 AND state = 'waiting' AND claimed_until <= $3 FOR UPDATE SKIP LOCKED)
  RETURNING ${DELIVERY_COLUMNS}, body`;

const NEXT = `
  SELECT min(greatest(next_at, claimed_until)) AS at FROM webhook_deliveries WHERE state = 'waiting'
    AND webhook_id IN (SELECT id FROM webhooks WHERE is_enabled)`;

async function find(connection: PostgresConnection, id: string) {
  const row = await connection.row<WebhookRow>(`${SELECT} WHERE id = $1`, id);
  return row && webhookOf(row);
}

async function secretsOf(connection: PostgresConnection, id: string) {
  const sql = 'SELECT secret, previous_secret, previous_until FROM webhooks WHERE id = $1';
  const row = await connection.row<SecretRow>(sql, id);
  return row && signingSecretsOf(row);
}

async function countsOf(connection: PostgresConnection, id: string) {
  const states = await connection.rows<{ readonly state: string; readonly count: number }>(
    'SELECT state, count(*) AS count FROM webhook_deliveries WHERE webhook_id = $1 GROUP BY state',
    id,
  );
  const count = (wanted: string) => states.find(({ state }) => state === wanted)?.count ?? 0;
  const row = await connection.row<{ readonly dropped: number }>('SELECT dropped FROM webhooks WHERE id = $1', id);
  const dropped = row?.dropped ?? 0;
  return { waiting: count('waiting'), delivered: count('delivered'), dead: count('dead'), dropped };
}

async function forgetOldest(connection: PostgresConnection, webhookId: string): Promise<void> {
  await connection.run(
    `DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state <> 'waiting' AND id <=
       (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND state <> 'waiting' ORDER BY id DESC LIMIT 1 OFFSET $2)`,
    webhookId,
    KEPT_DELIVERIES,
  );
}
