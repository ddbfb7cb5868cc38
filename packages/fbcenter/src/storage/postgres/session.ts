import type { Commit, Removal } from '../../model/change-log.js';
import type { Environment } from '../../model/environment.js';
import type { PostgresConnection } from './connection.js';

/** A change that is written but not durable yet. */
export interface PendingCommit extends Omit<Commit, 'committedAt'> {
  /** The version that the environment had before. */
  readonly previous: number;
}

/** A removal that is written but not durable yet. */
export interface PendingRemoval extends Removal {
  /** Which of the environment's removals it is, counted from 1. */
  readonly number: number;
}

/** Something besides documents that others on the same database should know at once. */
export type Touched =
  | { readonly kind: 'secret-removed'; readonly id: string }
  | { readonly kind: 'access' }
  | { readonly kind: 'experiments'; readonly environmentId: string }
  | { readonly kind: 'insights'; readonly environmentId: string };

/** Where a transaction notes what is to be reported once it is durable. */
export interface Effects {
  changed(commit: PendingCommit): void;
  removed(removal: PendingRemoval): void;
  created(environment: Pick<Environment, 'id'>, version: number): void;
  touched(what: Touched): void;
}

/**
 * What a call is about. Within a transaction nobody else changes it from the first look at it to the end, so that what was read still holds
 * when something is written: `environment` its documents and secrets, `access` users with all that is theirs, and tokens.
 */
export type Scope =
  | { readonly kind: 'environment' | 'experiments'; readonly environmentId: string }
  | { readonly kind: 'access' | 'audit' | 'settings' };

/** How repositories reach the database: each call as a transaction of its own, or all calls within one. */
export interface Session {
  /**
   * Runs work that only reads.
   *
   * @param scope absent = within a transaction, too, it need not stay as it is.
   */
  read<T>(work: (connection: PostgresConnection) => Promise<T>, scope?: Scope): Promise<T>;
  /** Runs work that writes. */
  write<T>(work: (connection: PostgresConnection, effects: Effects) => Promise<T>, scope?: Scope): Promise<T>;
  /** Runs work of one statement that writes and that nobody need hear of: outside of a transaction it is one by itself. */
  once<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T>;
}

/** Makes everybody else wait who wants the same, until the transaction ends. */
export async function hold(connection: PostgresConnection, scope: Scope, schema: string): Promise<void> {
  if (scope.kind === 'environment') {
    await connection.run('SELECT 1 FROM environments WHERE id = $1 FOR NO KEY UPDATE', scope.environmentId);
    return;
  }
  await connection.row('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', `${schema} ${nameOf(scope)}`);
}

export function nameOf(scope: Scope): string {
  return 'environmentId' in scope ? `${scope.kind} ${scope.environmentId}` : scope.kind;
}
