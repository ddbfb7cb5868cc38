import { FairPlaces, type Holder } from '../runtime/fair-places.js';
import type { StreamingLimits } from './limits.js';

/** Somebody who is connected. */
export interface Guest extends Holder {
  readonly isServerSdk: boolean;
}

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

  /** Counts a guest that there is room for. When its place is given to somebody in another network, it has to {@link leave}. */
  add(guest: Guest): void {
    if (!guest.isServerSdk) this.#others.take(guest);
    this.#all.take(guest);
  }

  /** Does not count a guest any more. Idempotent. */
  leave(guest: Guest): void {
    this.#others.release(guest);
    this.#all.release(guest);
  }

  /** How many have got in by a secret. */
  countBy(secretId: string): number {
    return this.#bySecret.get(secretId) ?? 0;
  }

  /** Counts one more, or one less, for the secret that has let it in. */
  count(secretId: string, by: 1 | -1): void {
    const total = this.countBy(secretId) + by;
    if (total === 0) this.#bySecret.delete(secretId);
    else this.#bySecret.set(secretId, total);
  }
}
