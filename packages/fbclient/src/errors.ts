/** One option that was refused. */
export interface OptionProblem {
  /** The option's name, as in {@link Options}. */
  readonly option: string;
  /** What it was, what is allowed. Shows neither the secret nor any other long text. */
  readonly problem: string;
}

/** Thrown by `new FBClient(options)` and `setConfig(options)`: the configuration cannot be used, and nothing was started. */
export class InvalidConfigError extends Error {
  readonly code = 'invalid-config';
  /** Every option that was refused, not only the first. */
  readonly problems: readonly OptionProblem[];

  constructor(problems: readonly OptionProblem[]) {
    super(`invalid configuration: ${problems.map(({ option, problem }) => `${option} ${problem}`).join('\n  ')}`);
    this.name = 'InvalidConfigError';
    this.problems = problems;
  }
}

/** Thrown by `get()` when there is no application-wide client. */
export class NotConfiguredError extends Error {
  readonly code = 'not-configured';

  constructor() {
    super('there is no application-wide client yet: call setConfig(options) once at the start, before get()');
    this.name = 'NotConfiguredError';
  }
}

/** What went wrong with the synchronization; see `updateStatusProvider.currentState.error`. */
export interface SyncError {
  /**
   * - `rejected`: the server refused the environment secret (close code 4003, or HTTP 401 or 403 to a poll); check the
   *   secret, its kind and the clock. The server is asked again after a long wait, see `refusedRetryDelay`.
   * - `connect-failed`, `connect-timeout`: no connection came about; it is tried again.
   * - `no-data`: connected, but the server did not answer the request for data in time; it is tried again.
   * - `interrupted`: an established connection ended; it is made again.
   * - `silent`: the connection stopped answering pings; it is made again.
   * - `bad-answer`: the server's answer could not be used; the data is kept.
   * - `source-failed`: a file or custom data source reported a problem.
   */
  readonly code:
    | 'rejected'
    | 'connect-failed'
    | 'connect-timeout'
    | 'no-data'
    | 'interrupted'
    | 'silent'
    | 'bad-answer'
    | 'source-failed';
  /** A sentence for the operator: what happened and, where there is something to do, what. */
  readonly message: string;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
}
