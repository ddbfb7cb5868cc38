import type { SecretKind } from '../model/environment.js';
import type { Program } from './user-agent.js';

/** A connection that was let in, for those who look at them. */
export interface ListedConnection {
  readonly environmentId: string;
  readonly kind: SecretKind;
  readonly program: Program;
  /** In Unix milliseconds. */
  readonly since: number;
  /** How far it has got, now. */
  progress(): Progress;
}

export interface Progress {
  /** The version up to which everything was sent; `undefined` before anything was. */
  readonly sentVersion: number | undefined;
  /** Changes that were not sent yet; `undefined` when it waits for everything. */
  readonly behind: number | undefined;
}

/** Milliseconds between two reports to those who watch. */
const INTERVAL = 1_000;

interface EnvironmentList {
  readonly counts: Record<SecretKind, number>;
  /** With their ids, which grow. */
  readonly connections: Map<ListedConnection, number>;
  readonly watchers: Set<() => void>;
  timer: NodeJS.Timeout | undefined;
  reportedAt: number;
}

/** The connections of each environment, in the order in which they came. */
export class ConnectionList {
  readonly #environments = new Map<string, EnvironmentList>();
  #lastId = 0;

  add(connection: ListedConnection): void {
    this.#lastId += 1;
    const list = this.#list(connection.environmentId);
    list.connections.set(connection, this.#lastId);
    list.counts[connection.kind] += 1;
    this.#reportSoon(list);
  }

  /** Idempotent. */
  remove(connection: ListedConnection): void {
    const { environmentId, kind } = connection;
    const list = this.#environments.get(environmentId);
    if (list?.connections.delete(connection) !== true) return;
    list.counts[kind] -= 1;
    this.#reportSoon(list);
    this.#dropIfUnused(environmentId, list);
  }

  countOf(environmentId: string): number {
    return this.#environments.get(environmentId)?.connections.size ?? 0;
  }

  /** How many connections of each kind the environments have that have any. */
  *counts(): Generator<{ readonly environmentId: string; readonly kind: SecretKind; readonly count: number }> {
    for (const [environmentId, { counts }] of this.#environments) {
      for (const kind of ['server', 'client'] as const) yield { environmentId, kind, count: counts[kind] };
    }
  }

  /** At most so many of an environment's connections, those behind an id. An id grows with each connection. */
  page(environmentId: string, after: number, limit: number): readonly (readonly [ListedConnection, id: number])[] {
    const page: (readonly [ListedConnection, number])[] = [];
    for (const entry of this.#environments.get(environmentId)?.connections ?? []) {
      if (page.length >= limit) break;
      if (entry[1] > after) page.push(entry);
    }
    return page;
  }

  /**
   * Reports that connections have come or gone, at most once a second.
   *
   * @returns a function that ends the subscription.
   */
  watch(environmentId: string, watcher: () => void): () => void {
    const list = this.#list(environmentId);
    const own = () => watcher();
    list.watchers.add(own);
    return () => {
      list.watchers.delete(own);
      this.#dropIfUnused(environmentId, list);
    };
  }

  #list(environmentId: string): EnvironmentList {
    const known = this.#environments.get(environmentId);
    if (known !== undefined) return known;
    const list: EnvironmentList = {
      counts: { server: 0, client: 0 },
      connections: new Map(),
      watchers: new Set(),
      timer: undefined,
      reportedAt: Number.NEGATIVE_INFINITY,
    };
    this.#environments.set(environmentId, list);
    return list;
  }

  #reportSoon(list: EnvironmentList): void {
    if (list.watchers.size === 0 || list.timer !== undefined) return;
    const wait = Math.max(0, list.reportedAt + INTERVAL - performance.now());
    list.timer = setTimeout(() => {
      list.timer = undefined;
      list.reportedAt = performance.now();
      for (const watcher of [...list.watchers]) watcher();
    }, wait).unref();
  }

  #dropIfUnused(environmentId: string, list: EnvironmentList): void {
    if (list.watchers.size > 0) return;
    clearTimeout(list.timer);
    list.timer = undefined;
    if (list.connections.size === 0) this.#environments.delete(environmentId);
  }
}
