/** Milliseconds between two reports to those who watch. */
const INTERVAL = 1_000;

/** Learns which things have changed, by what they are known by. */
export type GatheredWatcher = (keys: readonly string[]) => void;

interface Watched {
  readonly watchers: Set<GatheredWatcher>;
  readonly changed: Set<string>;
  timer: NodeJS.Timeout | undefined;
  reportedAt: number;
}

/**
 * What changes in environments, gathered: those who watch one hear of the first change at once, and then once a second at most, however often
 * something changes. Nothing is kept of environments that nobody watches.
 */
export class GatheredChanges {
  readonly #environments = new Map<string, Watched>();

  /** Takes note that something has changed, once that is kept. */
  note(environmentId: string, key: string): void {
    const watched = this.#environments.get(environmentId);
    if (watched === undefined) return;
    watched.changed.add(key);
    if (watched.timer !== undefined) return;
    const wait = Math.max(0, watched.reportedAt + INTERVAL - performance.now());
    watched.timer = setTimeout(() => report(watched), wait).unref();
  }

  /** @returns a function that ends the subscription. */
  watch(environmentId: string, watcher: GatheredWatcher): () => void {
    const watched = this.#watched(environmentId);
    // The same function twice is two subscriptions.
    const own: GatheredWatcher = (keys) => watcher(keys);
    watched.watchers.add(own);
    return () => {
      if (!watched.watchers.delete(own) || watched.watchers.size > 0) return;
      clearTimeout(watched.timer);
      this.#environments.delete(environmentId);
    };
  }

  #watched(environmentId: string): Watched {
    const known = this.#environments.get(environmentId);
    if (known !== undefined) return known;
    const watched: Watched = {
      watchers: new Set(),
      changed: new Set(),
      timer: undefined,
      reportedAt: Number.NEGATIVE_INFINITY,
    };
    this.#environments.set(environmentId, watched);
    return watched;
  }
}

function report(watched: Watched): void {
  watched.timer = undefined;
  watched.reportedAt = performance.now();
  const keys = [...watched.changed];
  watched.changed.clear();
  for (const watcher of [...watched.watchers]) watcher(keys);
}
