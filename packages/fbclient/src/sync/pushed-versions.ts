import type { ChangeSet } from '../flags/store.js';

/** What a full message has undone of earlier pushes. */
export interface Undone {
  /** From where to ask again, so that the answer brings it back if the server still has it. */
  readonly cursor: number;
  /** The documents, as `flag a` or `segment b`. */
  readonly documents: ReadonlySet<string>;
}

/**
 * The versions that came over one connection by patches. A server that pushes from the moment a connection is accepted can
 * push a change and then send a full message that it read before: that message undoes the change, for good, because a cursor
 * beyond it never brings it again.
 */
export class PushedVersions {
  readonly #flags = new Map<string, number>();
  readonly #segments = new Map<string, number>();

  /** Takes part in the commit of a patch. */
  patch({ flags, segments }: ChangeSet): void {
    for (const { key, compiled } of flags) push(this.#flags, key, compiled.version);
    for (const { key, compiled } of segments) push(this.#segments, key, compiled.version);
  }

  /**
   * Takes part in the commit of a full message.
   *
   * @returns what it has undone; `undefined` when it holds everything that was pushed, or something newer.
   */
  full({ holdings }: ChangeSet & { readonly eventType: 'full' }): Undone | undefined {
    let { cursor } = holdings;
    const documents = new Set<string>();
    const look = (
      kind: 'flag' | 'segment',
      pushed: ReadonlyMap<string, number>,
      held: ReadonlyMap<string, { readonly version: number }>,
    ): void => {
      for (const [key, version] of pushed) {
        if ((held.get(key)?.version ?? Number.NEGATIVE_INFINITY) >= version) continue;
        documents.add(`${kind} ${key}`);
        // A newer version of another document may be in the message: the cursor must not pass what is missing.
        cursor = Math.min(cursor, version - 1);
      }
    };
    look('flag', this.#flags, holdings.flags);
    look('segment', this.#segments, holdings.segments);
    if (documents.size > 0) return { cursor, documents };
    this.forget();
    return undefined;
  }

  /** What was pushed so far is not looked for any more: the connection is another one, or the server has answered. */
  forget(): void {
    this.#flags.clear();
    this.#segments.clear();
  }
}

function push(versions: Map<string, number>, key: string, version: number): void {
  const before = versions.get(key);
  if (before === undefined || version > before) versions.set(key, version);
}
