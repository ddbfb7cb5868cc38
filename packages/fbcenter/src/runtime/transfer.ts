import type { Bytes } from './bytes.js';

/** A transfer that may go. */
export interface Transfer {
  /**
   * Names the bytes that are sent, once they are known. Bytes that several transfers share are counted once.
   *
   * @param giveUp called when the peer has taken nothing for too long: it must end the connection.
   * @returns when there is room for them, if there are more than was asked for.
   */
  carry(message: Bytes, giveUp: () => void): Promise<void>;
  /**
   * The same for bytes that are not here as a whole: they come from the peer, or are made while it takes them.
   *
   * @param progress grows as they come or go.
   */
  expect(progress: () => number, giveUp: () => void): void;
  /** The peer has taken something. */
  moved(): void;
  /** Everything has come: it is not up to the peer any more. */
  arrived(): void;
  /** The transfer is over, whatever became of it. Idempotent. */
  end(): void;
}

/** Who counts it. */
interface Counting {
  carry(transfer: CountedTransfer, message: Bytes): Promise<void>;
  end(transfer: CountedTransfer): void;
}

/** A transfer with what a budget counts for it. */
export class CountedTransfer implements Transfer {
  readonly #budget: Counting;
  giveUp: () => void = () => {};
  /** Not while it waits for us. */
  isUpToPeer = false;
  #progress: (() => number) | undefined;
  #lastProgress = 0;
  peerBytes = 0;
  /** What its message is expected to have, until it is known. */
  ownBytes = 0;
  message: Bytes | undefined;
  /** How often in a row it was found where it had been. */
  timesStill = 0;
  isOver = false;

  readonly network: string;

  constructor(budget: Counting, network: string) {
    this.#budget = budget;
    this.network = network;
  }

  carry(message: Bytes, giveUp: () => void): Promise<void> {
    this.giveUp = giveUp;
    return this.#budget.carry(this, message);
  }

  expect(progress: () => number, giveUp: () => void): void {
    this.giveUp = giveUp;
    this.#progress = progress;
    this.#lastProgress = progress();
    this.isUpToPeer = true;
    this.moved();
  }

  /** Takes note of whether it is still where it was: some progress is reported by nobody. */
  look(): void {
    this.timesStill += 1;
    const progress = this.#progress?.() ?? this.#lastProgress;
    if (progress !== this.#lastProgress) this.moved();
    this.#lastProgress = progress;
  }

  arrived(): void {
    this.isUpToPeer = false;
  }

  moved(): void {
    this.timesStill = 0;
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#budget.end(this);
  }
}
