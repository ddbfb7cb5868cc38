/** Why a center could not start or be opened. */
export type CenterErrorCode =
  | 'invalid-config'
  | 'port-in-use'
  | 'cannot-listen'
  /** A certificate or its key cannot be used. */
  | 'bad-certificate'
  | 'folder-in-use'
  | 'storage-failed'
  | 'newer-data'
  /** What is kept has been changed by something else than fbcenter, or acknowledged changes are missing in it. */
  | 'damaged-data'
  /** There is nothing where data was expected. */
  | 'data-missing'
  /** A file is in the way that was not to be overwritten. */
  | 'already-exists'
  /** A center that was asked for something does not answer, or refuses. */
  | 'unreachable';

/** A failure to start, with one sentence that says what to do about it. */
export class CenterError extends Error {
  override readonly name: string = 'CenterError';
  readonly code: CenterErrorCode;

  constructor(code: CenterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One setting that cannot be used. */
export interface ConfigProblem {
  /** The option as a library user writes it, such as `port` or `environments[0].flags[2].variations`. */
  readonly option: string;
  /** What is wrong and what is allowed; never the value of a secret. */
  readonly message: string;
}

/** Flags that an environment begins with can have thousands of faults; `problems` has them all. */
const MAX_IN_MESSAGE = 20;

/** Options that cannot be used; names every one of them. */
export class InvalidConfigError extends CenterError {
  override readonly name = 'InvalidConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.slice(0, MAX_IN_MESSAGE).map(({ option, message }) => `${option}: ${message}`);
    if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`);
    super('invalid-config', `The flag center cannot start with these settings: ${lines.join('; ')}`);
    this.problems = problems;
  }
}

/**
 * Why a storage does not do what it is asked: `storage-unavailable` may pass, `damaged-data` does not pass by itself. `outcome-unknown`: the
 * change may have been made or not, because the connection to the database was lost when it was.
 */
export type StorageErrorCode = 'storage-unavailable' | 'damaged-data' | 'outcome-unknown';

/**
 * The storage cannot do its work: the disk is full, the database locked, gone or damaged. Nothing of the operation was kept,
 * unless its outcome is unknown.
 * The message is one sentence for whoever asked: what is wrong and what to do.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(message: string, { cause, code = 'storage-unavailable' }: StorageErrorOptions = {}) {
    super(message, { cause });
    this.code = code;
  }
}

interface StorageErrorOptions {
  readonly cause?: unknown;
  readonly code?: StorageErrorCode | undefined;
}
