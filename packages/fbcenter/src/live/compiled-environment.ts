import { compileDataSyncNow, FlagStore, type MissingAttribute, segmentsOf } from 'fbclient/core';
import type { ChangeLog, Removal } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';
import { type FlagFacts, factsOf, targetingDigest } from './flag-facts.js';

/** The flags of an environment, ready to be evaluated. */
export interface CompiledFlags {
  readonly store: FlagStore;
  /** By the flag's key, archived flags included. */
  readonly facts: ReadonlyMap<string, FlagFacts>;
  /** The greatest version that is in them, of whatever kind of document; 0 when there is none. */
  readonly version: number;
  /** The same in the order of their {@link FlagFacts.valuesVersion}. */
  inOrder(): readonly FlagFacts[];
}

/** Flags whose values may have become others, with one commit. */
export interface FlagChange {
  /** The version of the commit. */
  readonly version: number;
  /** The flag that was changed, or those that use the segment that was. */
  readonly keys: readonly string[];
  /** When it was committed, in Unix milliseconds with a fraction; absent where nobody knows. */
  readonly committedAt?: number | undefined;
}

/** What is known of a segment besides what the store holds. */
interface SegmentFacts {
  readonly version: number;
  readonly digest: string;
  /** The version with which it last came to hold other users. */
  readonly valuesVersion: number;
}

/**
 * The compiled flags of one environment. They are read when they are first asked for and follow the commits from then on.
 * Commits may come while the reading is under way, and may be older than what was read: a document replaces another one
 * only if its version is greater, so the order does not matter.
 */
export class CompiledEnvironment implements CompiledFlags {
  readonly store = new FlagStore();
  readonly facts = new Map<string, FlagFacts>();
  readonly #environmentId: string;
  readonly #changes: ChangeLog;
  readonly #missingAttribute: MissingAttribute;
  readonly #segments = new Map<string, SegmentFacts>();
  /** The keys of the flags that use a segment: a change of it concerns no others. */
  readonly #users = new Map<string, Set<string>>();
  #ordered: readonly FlagFacts[] | undefined;
  /** The reading of everything; absent while nobody has asked, and after it has failed. */
  #reading: Promise<CompiledFlags> | undefined;
  #isReading = false;
  #version = 0;
  /** The flags that were removed during a reading, with their versions. */
  readonly #removed = new Map<string, number>();

  constructor(environmentId: string, changes: ChangeLog, missingAttribute: MissingAttribute = 'no-match') {
    this.#environmentId = environmentId;
    this.#changes = changes;
    this.#missingAttribute = missingAttribute;
  }

  /**
   * The flags as they are now; the object follows the commits.
   *
   * @throws StorageError when they cannot be read; the next call reads again.
   */
  current(): Promise<CompiledFlags> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** Whether somebody has asked for them, so that they are held. */
  get isAskedFor(): boolean {
    return this.#reading !== undefined;
  }

  get version(): number {
    return this.#version;
  }

  inOrder(): readonly FlagFacts[] {
    this.#ordered ??= [...this.facts.values()].sort((a, b) => a.valuesVersion - b.valuesVersion);
    return this.#ordered;
  }

  /** Takes a commit in. @returns what has changed by it, for those who follow values; nothing while nobody does. */
  take(commit: StoredDocument): FlagChange | undefined {
    // Nobody has asked yet: whoever does reads this commit with everything else.
    if (this.#reading === undefined) return undefined;
    return { version: commit.version, keys: this.#compile(commit) };
  }

  /** Forgets an archived document. Evaluation does not know it any more in any case. */
  remove({ kind, key, version }: Removal): void {
    if (kind !== 'flag') return;
    this.#unlink(this.facts.get(key));
    this.facts.delete(key);
    this.#ordered = undefined;
    // A reading that is under way may have it before itself.
    if (this.#isReading) this.#removed.set(key, version);
  }

  async #read(): Promise<CompiledFlags> {
    this.#isReading = true;
    try {
      const { documents, cursor } = await this.#changes.everything(this.#environmentId);
      const turns = new Turns();
      // Segments first: one that comes after the flags makes the store look through all of them.
      for (const wanted of ['segment', 'flag'] as const) {
        for (const document of documents) {
          if (document.kind !== wanted) continue;
          this.#compile(document);
          if (turns.isDue) await turns.next();
        }
      }
      this.#version = Math.max(this.#version, cursor);
      return this;
    } catch (error) {
      this.#reading = undefined;
      throw error;
    } finally {
      this.#isReading = false;
      this.#removed.clear();
    }
  }

  /** @returns the keys of the flags whose values may have changed. */
  #compile(stored: StoredDocument): readonly string[] {
    const { kind, key, version } = stored;
    this.#version = Math.max(this.#version, version);
    const document = JSON.parse(stored.text);
    const isFlag = kind === 'flag';
    const patch = { featureFlags: isFlag ? [document] : [], segments: isFlag ? [] : [document] };
    this.store.commit(compileDataSyncNow({ eventType: 'patch', ...patch }, this.#missingAttribute).changes);
    return isFlag ? this.#noteFlag(stored, document) : this.#noteSegment(key, version, document);
  }

  #noteFlag(stored: StoredDocument, document: Parameters<typeof factsOf>[1]): readonly string[] {
    const { key, version } = stored;
    const before = this.facts.get(key);
    if (version <= (before?.version ?? this.#removed.get(key) ?? 0)) return [];
    const segments = segmentsOf(document);
    let valuesVersion = version;
    for (const id of segments) valuesVersion = Math.max(valuesVersion, this.#segments.get(id)?.valuesVersion ?? 0);
    const facts = factsOf(stored, document, segments, valuesVersion, before);
    this.#unlink(before);
    this.facts.set(key, facts);
    for (const id of segments) this.#usersOf(id).add(key);
    this.#ordered = undefined;
    return [key];
  }

  #noteSegment(id: string, version: number, document: Parameters<typeof targetingDigest>[0]): readonly string[] {
    const before = this.#segments.get(id);
    if (version <= (before?.version ?? 0)) return [];
    const digest = targetingDigest(document);
    if (digest === before?.digest) {
      this.#segments.set(id, { ...before, version });
      return [];
    }
    this.#segments.set(id, { version, digest, valuesVersion: version });
    const keys = [...(this.#users.get(id) ?? [])];
    for (const key of keys) {
      const facts = this.facts.get(key);
      // Flags that use it get a new time, so that SDKs take them although their documents are the same.
      if (facts !== undefined) {
        this.facts.set(key, { ...facts, valuesVersion: Math.max(version, facts.valuesVersion) });
      }
    }
    this.#ordered = undefined;
    return keys;
  }

  #usersOf(segmentId: string): Set<string> {
    const users = this.#users.get(segmentId) ?? new Set<string>();
    this.#users.set(segmentId, users);
    return users;
  }

  #unlink(facts: FlagFacts | undefined): void {
    if (facts === undefined) return;
    for (const id of facts.segments) {
      const users = this.#users.get(id);
      users?.delete(facts.key);
      if (users?.size === 0) this.#users.delete(id);
    }
  }
}
