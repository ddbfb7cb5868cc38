import type { Secret, SecretKind } from '../../model/environment.js';
import { newId } from '../ids.js';
import type { PostgresConnection } from './connection.js';

/** What is read of a secret. */
export const SECRET_COLUMNS = 'id, kind, name, secret, created_at, last_used_at';

export interface SecretRow {
  readonly id: string;
  readonly kind: SecretKind;
  readonly name: string;
  readonly secret: string;
  readonly created_at: number | null;
  readonly last_used_at: number | null;
}

export function secretOf({ id, kind, name, secret, created_at, last_used_at }: SecretRow): Secret {
  return { id, kind, name, value: secret, createdAt: created_at ?? undefined, lastUsedAt: last_used_at ?? undefined };
}

/** Call it inside a transaction. @returns `undefined` when there is such a secret already. */
export function addSecret(
  connection: PostgresConnection,
  environmentId: string,
  { kind, name, value, createdAt }: Pick<Secret, 'kind' | 'name' | 'value' | 'createdAt'>,
): Promise<SecretRow | undefined> {
  return connection.row<SecretRow>(
    `INSERT INTO secrets (environment_id, kind, id, name, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING RETURNING ${SECRET_COLUMNS}`,
    environmentId,
    kind,
    newId(),
    name,
    value,
    createdAt ?? null,
  );
}
