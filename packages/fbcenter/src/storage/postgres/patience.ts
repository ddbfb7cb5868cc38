/** How long is waited for what, in milliseconds. What asks a storage is answered within two seconds, however it goes. */
export interface Patience {
  /** For a connection to be made. Whoever waits for it gives up before: it is there for the next one. */
  readonly connect: number;
  /** For a lock that another transaction holds; the database itself looks to it. */
  readonly lock: number;
  /** For one statement; the database itself looks to it. */
  readonly statement: number;
  /** For one statement, a connection or the end of a transaction, by this process's clock: after that the database hangs. */
  readonly answer: number;
  /** For anybody's answer, at the end of that time: it may have begun to hang while somebody waited. */
  readonly silence: number;
}

export const PATIENCE: Patience = { connect: 5_000, lock: 1_000, statement: 1_400, answer: 1_700, silence: 850 };

/** Something has taken longer than the database takes when it is well. */
export class Late extends Error {
  override readonly name = 'Late';
}

/** Waits for something only so long, as long as it is started. */
export class Watch {
  readonly #patience: number;
  #timer: NodeJS.Timeout | undefined;
  #expire: () => void = () => {};
  readonly #expired = new Promise<never>((_, reject) => {
    this.#expire = () => reject(new Late('no answer in time'));
  });

  constructor(patience: number) {
    this.#patience = patience;
    this.#expired.catch(() => {});
  }

  start(): void {
    // After a stall of this process the answer may be there already: it is read before the time counts as over.
    this.#timer = setTimeout(() => setImmediate(() => this.#timer && this.#expire()), this.#patience);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  orLate<T>(promise: PromiseLike<T>): Promise<T> {
    return Promise.race([promise, this.#expired]);
  }
}
