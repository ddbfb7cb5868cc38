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
  readonly #versions = new Map<string, number>();

  /** Takes part in the commit of a patch. */
  patch({ flags, segments }: ChangeSet): void {
    for (const { key, compiled } of flags) this.#push(`flag ${key}`, compiled.version);
    for (const { key, compiled } of segments) this.#push(`segment ${key}`, compiled.version);
  }

  /**
   * Takes part in the commit of a full message.
   *
   * @returns what it has undone; `undefined` when it holds everything that was pushed, or something newer.
   */
  full({ holdings }: ChangeSet & { readonly eventType: 'full' }): Undone | undefined {
    let { cursor } = holdings;
    const documents = new Set<string>();
    for (const [document, version] of this.#versions) {
      const kind = document.slice(0, document.indexOf(' '));
      const key = document.slice(kind.length + 1);
      const held = kind === 'flag' ? holdings.flags.get(key) : holdings.segments.get(key);
      if (held !== undefined && held.version >= version) continue;
      documents.add(document);
      // A newer version of another document may be in the message: the cursor must not pass what is missing.
      cursor = Math.min(cursor, version - 1);
    }
    if (documents.size > 0) return { cursor, documents };
    this.forget();
    return undefined;
  }

  /** What was pushed so far is not looked for any more: the connection is another one, or the server has answered. */
  forget(): void {
    this.#versions.clear();
  }

  #push(document: string, version: number): void {
    const before = this.#versions.get(document);
    if (before === undefined || version > before) this.#versions.set(document, version);
  }
}
