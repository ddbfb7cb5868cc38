import type { SdkCaller } from '../model/caller.js';
import { FairPlaces } from '../runtime/fair-places.js';
import type { StreamingLimits } from './limits.js';

/** How many are connected, from which networks, and by which secrets. */
export class Places {
  readonly #all: FairPlaces;
  /** Those of them that are not server SDKs'. */
  readonly #others: FairPlaces;
  readonly #bySecret = new Map<string, number>();

  constructor({ maxConnections, serverShare }: Pick<StreamingLimits, 'maxConnections' | 'serverShare'>) {
    this.#all = new FairPlaces(maxConnections);
    this.#others = new FairPlaces(Math.ceil(maxConnections * (1 - serverShare)));
  }

  /** Whether somebody in a network would get in. */
  hasRoomFor(network: string, isServerSdk: boolean): boolean {
    if (isServerSdk) return this.#all.hasRoomFor(network);
    // Another one's place among the others is one among all; a server SDK gives way to none of them.
    return this.#others.hasRoomFor(network) && (this.#others.areTaken || !this.#all.areTaken);
  }

  /**
   * Counts a connection that there is room for.
   *
   * @param cut ends it when its place is given to somebody in another network.
   * @returns what is called when it has closed.
   */
  add(network: string, isServerSdk: boolean, cut: () => void): () => void {
    const leave = () => {
      leaveOthers?.();
      leaveAll?.();
    };
    const giveUp = () => {
      leave();
      cut();
    };
    const leaveOthers = isServerSdk ? undefined : this.#others.take(network, giveUp);
    const leaveAll = this.#all.take(network, giveUp);
    return leave;
  }

  /** How many have got in by a secret. */
  countBy(secretId: string): number {
    return this.#bySecret.get(secretId) ?? 0;
  }

  /** Counts one that was added for the secret that has let it in. @returns what is called when it has closed. */
  assign({ secretId }: Pick<SdkCaller, 'secretId'>): () => void {
    const count = (by: 1 | -1) => {
      const total = this.countBy(secretId) + by;
      if (total === 0) this.#bySecret.delete(secretId);
      else this.#bySecret.set(secretId, total);
    };
    count(1);
    return () => count(-1);
  }
}
