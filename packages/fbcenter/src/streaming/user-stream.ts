import type { User } from 'fbclient/core';
import type { ClientFlags } from '../evaluation/client-flags.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { LiveEnvironment } from '../live/environments.js';
import type { Push, Reader, SyncAnswer, SyncStream } from '../live/stream.js';

/** About what one flag takes in an answer. */
const BYTES_OF_A_FLAG = 400;

/** What one user is to know of an environment's flags: their values, evaluated when it is the connection's turn. */
export class UserStream implements SyncStream {
  readonly #environment: LiveEnvironment;
  readonly #clientFlags: ClientFlags;
  readonly #user: User;
  /** Absent until the first answer, before which nothing is pushed. */
  #flags: CompiledFlags | undefined;

  constructor(environment: LiveEnvironment, clientFlags: ClientFlags, user: User) {
    this.#environment = environment;
    this.#clientFlags = clientFlags;
    this.#user = user;
  }

  join(reader: Reader): () => void {
    return this.#environment.changes.join(reader);
  }

  next(cursor: number): Push | 'behind' | 'replaced' | undefined {
    if (this.#flags === undefined) return undefined;
    for (let at = cursor; ; ) {
      const change = this.#environment.changes.next(at);
      if (change === undefined || change === 'behind' || change === 'replaced') return change;
      const message = this.#clientFlags.push(this.#flags, this.#user, change.keys);
      if (message !== undefined) return { version: change.version, message, committedAt: change.committedAt };
      // A change that is not for browsers.
      at = change.version;
    }
  }

  expectedBytes(cursor: number): number {
    return cursor <= 0 ? this.#environment.flags.facts.size * BYTES_OF_A_FLAG : 0;
  }

  async answer(cursor: number): Promise<SyncAnswer> {
    this.#flags = await this.#environment.flags.current();
    // From before the first flag is evaluated: what changes meanwhile is pushed again.
    const { version } = this.#flags;
    const { message, isEmpty } = await this.#clientFlags.answer(this.#flags, this.#user, cursor);
    return { cursor: version, message, isEmpty };
  }
}
