import type { ChangeLog, Changes, Commit, Removal, Replacement } from '../model/change-log.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import { Listeners } from '../runtime/listeners.js';
import type { Replica, ReplicaChange } from './replica.js';

/** Documents given at a time to those who put them together. */
const PAGE = 200;

type Relayed = Pick<Environment, 'id' | 'key'>;

/** The change log of environments that come from upstream: {@link Replica}s, and what happens to them. */
export class RelayedChanges implements ChangeLog {
  readonly #clock: Pick<Clock, 'precise'>;
  readonly #replicas = new Map<string, Replica>();
  /** The greatest version of each environment, once it was asked for or has changed. */
  readonly #newest = new Map<string, number>();
  readonly #commits: Listeners<Commit>;
  readonly #replacements: Listeners<Replacement>;

  /** @param onError receives what a listener throws. */
  constructor(clock: Pick<Clock, 'precise'>, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#commits = new Listeners(onError);
    this.#replacements = new Listeners(onError);
  }

  add(environmentId: string, replica: Replica): void {
    this.#replicas.set(environmentId, replica);
  }

  /** Reports what has happened to an environment's replica. */
  report({ id, key }: Relayed, change: ReplicaChange): void {
    const position = change.kind === 'replaced' ? change.position : change.documents.at(-1)?.version;
    if (position !== undefined) this.#newest.set(id, position);
    if (change.kind === 'replaced') {
      this.#replacements.emit({ environmentId: id, version: change.position });
      return;
    }
    for (const document of change.documents) {
      this.#commits.emit({
        ...document,
        environmentId: id,
        environmentKey: key,
        committedAt: this.#clock.precise(),
      });
    }
  }

  /** @throws Refusal `busy` when nothing is known of the environment yet: an empty one would be taken for the truth. */
  filled(environmentId: string): Replica {
    const replica = this.#replicas.get(environmentId);
    if (replica?.isFilled === true) return replica;
    throw new Refusal(
      'busy',
      'This relay has no data of the environment yet: it has not reached the server behind it since it was made.',
    );
  }

  /** The greatest version that is served of an environment; `undefined` without data. */
  versionOf(environmentId: string): number | undefined {
    const known = this.#newest.get(environmentId);
    const replica = this.#replicas.get(environmentId);
    if (known !== undefined || replica?.isFilled !== true) return known;
    const { cursor } = replica.everything();
    this.#newest.set(environmentId, cursor);
    return cursor;
  }

  async everything(environmentId: string): Promise<Changes> {
    return this.filled(environmentId).everything();
  }

  async pages(environmentId: string, take: (documents: Changes['documents']) => void): Promise<number> {
    const { cursor, documents } = this.filled(environmentId).everything();
    for (let start = 0; start < documents.length; start += PAGE) take(documents.slice(start, start + PAGE));
    return cursor;
  }

  async since(environmentId: string, cursor: number): Promise<Changes | undefined> {
    return this.filled(environmentId).since(cursor);
  }

  watch(listener: (commit: Commit) => void): () => void {
    return this.#commits.add(listener);
  }

  /** Upstream does not say that something is gone: what it does not have any more is a replacement. */
  watchRemovals(_listener: (removal: Removal) => void): () => void {
    return () => {};
  }

  watchReplacements(listener: (replacement: Replacement) => void): () => void {
    return this.#replacements.add(listener);
  }
}
