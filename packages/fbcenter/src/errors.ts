/** Why a center could not start or be opened. */
export type CenterErrorCode =
  | 'invalid-config'
  | 'port-in-use'
  | 'cannot-listen'
  | 'folder-in-use'
  | 'storage-failed'
  | 'newer-data';

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
 * The storage cannot do its work now (disk full, database locked or gone). Nothing of the operation was kept; the same
 * operation may succeed later.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code = 'storage-unavailable';
}
