/**
 * Where the last good environment is kept, so that the next start serves it before the first connection. Memory stays the
 * truth: a store that fails or hangs is logged and tried again, and never delays an evaluation.
 */
export interface Persistence {
  /**
   * Reads what `save` wrote for an environment.
   *
   * @param environment names the environment; safe as a file name, and says nothing of the secret.
   * @returns the saved text; `undefined` or `null` when there is none. A rejection counts as none and is logged.
   */
  load(environment: string): string | null | undefined | Promise<string | null | undefined>;
  /** Replaces what is kept for an environment, wholly or not at all. A rejection is logged and the save is tried again. */
  save(environment: string, snapshot: string): void | Promise<void>;
}
