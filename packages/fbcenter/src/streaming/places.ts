import type { SdkCaller } from '../model/caller.js';
import type { StreamingLimits } from './limits.js';

/** A connection, as far as it is counted. */
interface Connected {
  once(event: 'close', listener: () => void): unknown;
}

/** How many are connected, and by which secrets. */
export class Places {
  readonly #limits: Pick<StreamingLimits, 'maxConnections' | 'serverShare'>;
  readonly #bySecret = new Map<string, number>();
  #taken = 0;
  #byServerSdks = 0;

  constructor(limits: Pick<StreamingLimits, 'maxConnections' | 'serverShare'>) {
    this.#limits = limits;
  }

  /** Nobody gets in any more. */
  get areTaken(): boolean {
    return this.#taken >= this.#limits.maxConnections;
  }

  /** Nobody gets in any more but server SDKs. */
  get areTakenByOthers(): boolean {
    const { maxConnections, serverShare } = this.#limits;
    return this.#taken - this.#byServerSdks >= Math.ceil(maxConnections * (1 - serverShare));
  }

  /** How many have got in by a secret. */
  countBy(secretId: string): number {
    return this.#bySecret.get(secretId) ?? 0;
  }

  /** Counts a connection until it closes. */
  add(connection: Connected): void {
    this.#taken += 1;
    connection.once('close', () => {
      this.#taken -= 1;
    });
  }

  /** Counts one that was added for the secret that has let it in. */
  assign(connection: Connected, { secret, secretId }: Pick<SdkCaller, 'secret' | 'secretId'>): void {
    const count = (by: 1 | -1) => {
      const total = this.countBy(secretId) + by;
      if (total === 0) this.#bySecret.delete(secretId);
      else this.#bySecret.set(secretId, total);
      if (secret === 'server') this.#byServerSdks += by;
    };
    count(1);
    connection.once('close', () => count(-1));
  }
}
