/** Who holds a place, or asks for one. */
export interface Holder {
  readonly network: string;
  /** Called when its place is somebody else's from now on: it must end the connection. */
  giveUp(): void;
}

/**
 * Places of which there are only so many. When all are taken, a newcomer gets one of the network that holds the most, so a crowd in
 * one keeps nobody out elsewhere. Where that is the newcomer's own, or would not leave it more than the newcomer's, as where
 * everybody comes from one proxy, it depends: who has a place keeps it, or newcomers come first.
 */
export class FairPlaces {
  readonly #most: number;
  readonly #among: 'holders-first' | 'newcomers-first';
  /** The places of each network, the oldest first. */
  readonly #held = new Map<string, Set<Holder>>();
  /** The networks by how many places they hold. */
  readonly #bySize = new Map<number, Set<string>>();
  #largest = 0;
  #taken = 0;

  constructor(most: number, among: 'holders-first' | 'newcomers-first' = 'holders-first') {
    this.#most = most;
    this.#among = among;
  }

  get areTaken(): boolean {
    return this.#taken >= this.#most;
  }

  /** Whether somebody in a network would get a place. */
  hasRoomFor(network: string): boolean {
    const own = this.#held.get(network)?.size ?? 0;
    return !this.areTaken || this.#among === 'newcomers-first' || own + 1 < this.#largest;
  }

  /** Takes a place for somebody who holds none. @returns whether there was one. */
  take(holder: Holder): boolean {
    const { network } = holder;
    if (!this.hasRoomFor(network)) return false;
    if (this.areTaken) this.#makeRoom();
    const held = this.#held.get(network) ?? new Set();
    this.#held.set(network, held);
    this.#resize(network, held.size, held.size + 1);
    held.add(holder);
    this.#taken += 1;
    return true;
  }

  /** Gives a place back. Idempotent. */
  release(holder: Holder): void {
    const held = this.#held.get(holder.network);
    if (held?.delete(holder) !== true) return;
    this.#resize(holder.network, held.size + 1, held.size);
    if (held.size === 0) this.#held.delete(holder.network);
    this.#taken -= 1;
  }

  /** Of the crowd goes who has had a place for longest. */
  #makeRoom(): void {
    const [crowd = ''] = this.#bySize.get(this.#largest) ?? [];
    const [oldest] = this.#held.get(crowd) ?? [];
    if (oldest === undefined) return;
    this.release(oldest);
    oldest.giveUp();
  }

  #resize(network: string, from: number, to: number): void {
    const before = this.#bySize.get(from);
    before?.delete(network);
    if (before?.size === 0) this.#bySize.delete(from);
    if (to > 0) this.#bySize.set(to, (this.#bySize.get(to) ?? new Set()).add(network));
    this.#largest = Math.max(this.#largest, to);
    // The one that has just grown smaller is the largest then, if there is any.
    if (!this.#bySize.has(this.#largest)) this.#largest = to;
  }
}
