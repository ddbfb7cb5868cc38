import type { PostgresConnection } from './connection.js';
import type { PendingCommit, PendingRemoval, Touched } from './session.js';

/** What a transaction has done that others should know. */
export interface Outcome {
  readonly commits: readonly PendingCommit[];
  readonly removals: readonly PendingRemoval[];
  readonly created: ReadonlyMap<string, number>;
  readonly touched: readonly Touched[];
  /** Which of all transactions that have touched something it is. */
  readonly touch: number | undefined;
}

/**
 * Tells the other centers that a transaction has changed something; part of it, so that they hear of it when it is durable and not before.
 *
 * @returns the outcome's {@link Outcome.touch}.
 */
export async function announce(
  connection: PostgresConnection,
  outcome: Omit<Outcome, 'touch'>,
  { sender, channel }: { readonly sender: string; readonly channel: string },
): Promise<number | undefined> {
  const environments = new Set([...outcome.commits, ...outcome.removals].map((one) => one.environmentId));
  const messages: object[] = [...environments, ...outcome.created.keys()].map((environment) => ({ environment }));
  let touch: number | undefined;
  if (outcome.touched.length > 0) {
    const sql = 'UPDATE touches SET number = number + 1 RETURNING number';
    touch = (await connection.row<{ readonly number: number }>(sql))?.number;
    messages.push(...outcome.touched.map((touched) => ({ touched, touch })));
  }
  if (messages.length === 0) return touch;
  const payloads = messages.map((message) => JSON.stringify({ from: sender, ...message }));
  await connection.run(
    'SELECT pg_notify($1, payload) FROM json_array_elements_text($2::text::json) AS payload',
    channel,
    JSON.stringify(payloads),
  );
  return touch;
}

/** What is heard from another center. */
export interface Message {
  readonly from?: string;
  readonly environment?: string;
  readonly touched?: Touched;
  readonly touch?: number;
}

/** A message of another center; anybody who may use the database can send something else. */
export function messageIn(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? message : {};
  } catch {
    return {};
  }
}
