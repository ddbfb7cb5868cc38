import { StorageError, type StorageErrorCode } from '../../errors.js';
import { Late } from './patience.js';

/** What a failure of the database or of the way to it says. */
interface Failure {
  /** Whether the whole database is away, so that asking again at once is of no use. */
  readonly isAway: boolean;
  /** Whether the way to the database must be made anew: it leads to a server that does not take writes, or to none. */
  readonly isWrongServer?: boolean;
  /** For whoever asked: what is wrong and what to do. */
  readonly message: string;
  readonly code?: StorageErrorCode;
}

export const CLOSED = 'The storage is closed.';
export const LATE = 'The database does not answer in time: try again later.';
export const UNKNOWN = 'The connection to the database was lost at the end of the change: look whether it was made.';

const AWAY = 'The database does not answer: try again later.';

/** By the codes of PostgreSQL, of its client and of Node.js; the first that matches. */
const FAILURES: readonly (readonly [code: RegExp, failure: Failure])[] = [
  [/^53100$/, { isAway: false, message: 'The disk of the database is full: make room on it.' }],
  [
    /^53[0-9A-Z]{3}$/,
    { isAway: true, message: 'The database takes no more connections, or has no memory left: try again later.' },
  ],
  [
    /^25006$/,
    {
      isAway: true,
      isWrongServer: true,
      message: 'The database takes no changes now: it may be a standby that is not promoted yet.',
    },
  ],
  [
    /^(?:28|3D)[0-9A-Z]{3}$/,
    {
      isAway: true,
      message: 'The database refuses this center: look at the user, the password and the name of the database.',
    },
  ],
  [
    /^42501$/,
    { isAway: false, message: 'The user of the database may not do this: it must own the tables of fbcenter.' },
  ],
  [
    /^(?:57014|55P03|40P01|40001)$/,
    { isAway: false, message: 'The database is too slow, or others change the same: try again later.' },
  ],
  // One connection was ended; the next one will show whether the database is there.
  [/^(?:57P01|57P02|CONNECTION_CLOSED|CONNECTION_DESTROYED|EPIPE|ECONNRESET)$/, { isAway: false, message: AWAY }],
  [
    /^XX00[12]$/,
    { isAway: false, message: 'The database is damaged: stop the center and restore a backup.', code: 'damaged-data' },
  ],
  [/^(?:57P03|08[0-9A-Z]{3}|CONNECT_TIMEOUT|CONNECTION_.*|E[A-Z_]+)$/, { isAway: true, message: AWAY }],
];

const OTHER: Failure = { isAway: false, message: 'The storage is unavailable: try again later.' };

/** What an error of the database's client means. */
export function failureOf(error: unknown): Failure {
  const code = String((error as { readonly code?: unknown } | null)?.code);
  return FAILURES.find(([pattern]) => pattern.test(code))?.[1] ?? OTHER;
}

/** The error for whoever asked. What it carries as its cause has neither statements nor their parameters in its message. */
export function storageErrorOf(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { message, code } = failureOf(cause);
  return new StorageError(message, { cause, code });
}

/**
 * Whether the connection was lost for which something was about to be done; what was begun has other errors. What may have been done already is not to
 * be done again, however its connection was lost.
 */
export function isLost(error: unknown): boolean {
  if (!(error instanceof StorageError) || error.code === 'outcome-unknown') return false;
  const code = String((error.cause as { readonly code?: unknown } | null | undefined)?.code);
  return /^(?:57P01|57P02|CONNECTION_CLOSED|CONNECTION_DESTROYED|EPIPE|ECONNRESET)$/.test(code);
}

/** What the error of a statement that writes means for its writer: when no answer has come, it was done or not. */
export function unknownIfLost(error: unknown): unknown {
  const isLate = error instanceof StorageError && error.cause instanceof Late;
  return isLate || isLost(error) ? new StorageError(UNKNOWN, { cause: error, code: 'outcome-unknown' }) : error;
}
