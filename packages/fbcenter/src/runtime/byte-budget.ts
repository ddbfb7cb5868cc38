import { FairQueue } from './fair-queue.js';

/** What a budget bounds. Durations in milliseconds. */
export interface ByteBudgetLimits {
  /** Bytes on their way at one time, all transfers together. */
  readonly maxBytes: number;
  /** A transfer of at most this many bytes never waits and is not counted. */
  readonly freeBytes: number;
  /** What the kernel may hold of one transfer, at most: no heap figure shows it, and closing the socket alone gives it back. */
  readonly peerBytes: number;
  /** A peer that takes nothing, or from which nothing comes, for this long is given up. */
  readonly patience: number;
  /** The same while others wait. */
  readonly pressedPatience: number;
}

const MIB = 1024 * 1024;

const BYTE_BUDGET_LIMITS: ByteBudgetLimits = {
  maxBytes: 64 * MIB,
  freeBytes: 64 * 1024,
  // The default of Linux, net.ipv4.tcp_wmem.
  peerBytes: 4 * MIB,
  patience: 30_000,
  pressedPatience: 1_000,
};

/** How often peers are looked at. */
const CHECK_INTERVAL = 250;

/** A transfer that may go. */
export interface Transfer {
  /**
   * Names the bytes that are sent, once they are known. Bytes that several transfers share are counted once.
   *
   * @param giveUp called when the peer has taken nothing for too long: it must end the connection.
   * @returns when there is room for them, if there are more than was asked for.
   */
  carry(message: Buffer, giveUp: () => void): Promise<void>;
  /**
   * The same for bytes that come from the peer, of which nothing is here yet.
   *
   * @param progress grows as they come.
   */
  expect(progress: () => number, giveUp: () => void): void;
  /** The peer has taken something. */
  moved(): void;
  /** Everything has come: it is not up to the peer any more. */
  arrived(): void;
  /** The transfer is over, whatever became of it. Idempotent. */
  end(): void;
}

/**
 * Shares out bytes that may be on their way at one time. What counts is what memory is used for: each distinct buffer once, and
 * for each peer what the kernel may hold for it. Small transfers pass. While others wait, a peer that takes nothing loses its
 * place soon, and places go round among the networks that the peers are in: a crowd in one of them holds nobody up elsewhere.
 * Within one, a crowd that waits holds no newcomer up for long, and a crowd of newcomers nobody who waits.
 */
export class ByteBudget {
  readonly #limits: ByteBudgetLimits;
  readonly #transfers = new Set<CountedTransfer>();
  /** How many transfers carry a buffer. */
  readonly #carriers = new Map<Buffer, number>();
  readonly #waiting = new FairQueue();
  #taken = 0;
  #check: NodeJS.Timeout | undefined;

  constructor(limits: Partial<ByteBudgetLimits> = {}) {
    this.#limits = { ...BYTE_BUDGET_LIMITS, ...limits };
  }

  /** Bytes that count now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Fulfils when a transfer may go.
   *
   * @param bytes how many it is expected to have.
   * @param network which the peer is in, see `networkOf`.
   * @param isShared whether others are likely to be sent the same bytes. Those of its own count from the start.
   */
  async take(bytes: number, network = '', isShared = true): Promise<Transfer> {
    const transfer = new CountedTransfer(this, network);
    const peerBytes = this.#peerBytes(bytes);
    const ownBytes = isShared || peerBytes === 0 ? 0 : bytes;
    if (peerBytes > 0) await this.#grow(transfer, peerBytes + ownBytes);
    transfer.peerBytes -= ownBytes;
    transfer.ownBytes = ownBytes;
    this.#transfers.add(transfer);
    // Unref'd: what is on its way does not keep a process alive.
    this.#check ??= setInterval(() => this.#giveUpStalled(), CHECK_INTERVAL).unref();
    return transfer;
  }

  /** The budget for peers in one network. */
  of(network?: string): Pick<ByteBudget, 'take'> {
    return { take: (bytes) => this.take(bytes, network) };
  }

  async carry(transfer: CountedTransfer, message: Buffer): Promise<void> {
    if (transfer.isOver) return;
    // Not after waiting: two that keep what they have while they wait for more would wait for each other.
    this.#taken -= transfer.ownBytes;
    transfer.ownBytes = 0;
    const more = this.#peerBytes(message.length) - transfer.peerBytes;
    if (more > 0) await this.#grow(transfer, more);
    if (transfer.isOver) return;
    if (message.length > this.#limits.freeBytes) {
      const carriers = this.#carriers.get(message) ?? 0;
      if (carriers === 0) this.#taken += message.length;
      this.#carriers.set(message, carriers + 1);
      transfer.message = message;
      transfer.isUpToPeer = true;
      transfer.moved();
    }
    this.#shrink(transfer, Math.max(0, -more));
  }

  end(transfer: CountedTransfer): void {
    const { message } = transfer;
    this.#transfers.delete(transfer);
    this.#taken -= transfer.peerBytes + transfer.ownBytes;
    if (message !== undefined) {
      const carriers = (this.#carriers.get(message) ?? 1) - 1;
      if (carriers === 0) {
        this.#carriers.delete(message);
        this.#taken -= message.length;
      } else {
        this.#carriers.set(message, carriers);
      }
    }
    this.#startWaiting();
    if (this.#transfers.size > 0 || !this.#waiting.isEmpty) return;
    clearInterval(this.#check);
    this.#check = undefined;
  }

  #peerBytes(bytes: number): number {
    return bytes <= this.#limits.freeBytes ? 0 : Math.min(bytes, this.#limits.peerBytes);
  }

  /** Counts more bytes for a transfer once there is room; more than the whole budget goes when nothing else is counted. */
  async #grow(transfer: CountedTransfer, bytes: number): Promise<void> {
    await new Promise<void>((start) => {
      this.#waiting.add(transfer.network, { bytes, start });
      this.#startWaiting();
    });
    transfer.peerBytes += bytes;
    // It may have ended while it waited, when it had nothing to give back.
    if (transfer.isOver) this.#shrink(transfer, bytes);
  }

  #shrink(transfer: CountedTransfer, bytes: number): void {
    transfer.peerBytes -= bytes;
    this.#taken -= bytes;
    this.#startWaiting();
  }

  #hasRoom(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#limits.maxBytes;
  }

  #startWaiting(): void {
    for (let next = this.#waiting.next; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting.next) {
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.start();
    }
  }

  #giveUpStalled(): void {
    const now = performance.now();
    const patience = this.#waiting.isEmpty ? this.#limits.patience : this.#limits.pressedPatience;
    for (const transfer of [...this.#transfers]) {
      if (!transfer.isUpToPeer) continue;
      transfer.look();
      if (now - transfer.movedAt < patience) continue;
      transfer.giveUp();
      transfer.end();
    }
  }
}

class CountedTransfer implements Transfer {
  readonly #budget: ByteBudget;
  giveUp: () => void = () => {};
  /** Not while it waits for us. */
  isUpToPeer = false;
  #progress: (() => number) | undefined;
  #lastProgress = 0;
  peerBytes = 0;
  /** What its message is expected to have, until it is known. */
  ownBytes = 0;
  message: Buffer | undefined;
  movedAt = 0;
  isOver = false;

  readonly network: string;

  constructor(budget: ByteBudget, network: string) {
    this.#budget = budget;
    this.network = network;
  }

  carry(message: Buffer, giveUp: () => void): Promise<void> {
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

  /** Notices progress that nobody reports. */
  look(): void {
    const progress = this.#progress?.() ?? this.#lastProgress;
    if (progress !== this.#lastProgress) this.moved();
    this.#lastProgress = progress;
  }

  arrived(): void {
    this.isUpToPeer = false;
  }

  moved(): void {
    this.movedAt = performance.now();
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#budget.end(this);
  }
}
