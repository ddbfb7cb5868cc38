/**
 * What kind of failure it is, for programs.
 *
 * - `client-not-ready`: there is no data yet.
 * - `unknown-flag`: there is no such flag, or it is archived.
 * - `wrong-type`: the variation's value cannot be converted to the type asked for.
 * - `bad-user`: the user cannot be used, or not be read.
 * - `bad-flag-key`: the flag key is not a string.
 * - `damaged-flag`: the flag is damaged where the evaluation reached it.
 */
export type FailureCode =
  | 'client-not-ready'
  | 'unknown-flag'
  | 'wrong-type'
  | 'bad-user'
  | 'bad-flag-key'
  | 'damaged-flag';

/**
 * Why there is nothing to serve. Damage in a flag's content is found when the flag is compiled but counts only when an
 * evaluation reaches it, so it is carried as a value to the place where it will be reached.
 */
export class Failure {
  /** One sentence for the application's developer; names parts of the flag, never the user's attributes. */
  readonly text: string;
  readonly code: FailureCode;
  readonly reason: 'Error' | 'ClientNotReady' | 'WrongType';

  constructor(text: string, code: FailureCode = 'damaged-flag') {
    this.text = text;
    this.code = code;
    this.reason = code === 'client-not-ready' ? 'ClientNotReady' : code === 'wrong-type' ? 'WrongType' : 'Error';
  }

  /** What everybody gets where a failure stands in the place of a rollout. */
  pick(): Failure {
    return this;
  }
}
