/**
 * Why there is nothing to serve. Damage in a flag's content is found when the flag is compiled but counts only when an
 * evaluation reaches it, so it is carried as a value to the place where it will be reached.
 */
export class Failure {
  /** One sentence for the application's developer; names parts of the flag, never the user's attributes. */
  readonly text: string;
  readonly reason: 'Error' | 'ClientNotReady' | 'WrongType';

  constructor(text: string, reason: Failure['reason'] = 'Error') {
    this.text = text;
    this.reason = reason;
  }

  /** What everybody gets where a failure stands in the place of a rollout. */
  pick(): Failure {
    return this;
  }
}
