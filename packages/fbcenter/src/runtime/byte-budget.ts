import { BYTE_BUDGET_LIMITS, type ByteBudgetLimits } from './byte-budget-limits.js';
import type { Bytes } from './bytes.js';
import { FairQueue } from './fair-queue.js';
import { SharedMemory } from './shared-memory.js';
import { CountedTransfer, type Transfer } from './transfer.js';

/** Where room for transfers to peers in one network is asked for. */
export type Room = Pick<ByteBudget, 'take' | 'takeFor'>;

/** How often peers are looked at, in milliseconds. */
const CHECK_INTERVAL = 250;

/**
 * Shares out bytes that may be on their way at one time. What counts is what memory is used for: what messages share once, and
 * for each peer what the kernel may hold for it. Small transfers pass. While others wait, a peer that takes nothing loses its
 * place soon, and places go round among the networks that the peers are in: a crowd in one of them holds nobody up elsewhere.
 * Within one, a crowd that waits holds no newcomer up for long, and a crowd of newcomers nobody who waits.
 */
export class ByteBudget {
  readonly #limits: ByteBudgetLimits;
  readonly #transfers = new Set<CountedTransfer>();
  /** What the transfers carry. */
  readonly #carried = new SharedMemory();
  /** What is there already and waits for its transfer. */
  readonly #held = new SharedMemory();
  readonly #waiting = new FairQueue();
  /** Beside what is carried. */
  #taken = 0;
  #check: NodeJS.Timeout | undefined;

  constructor(limits: Partial<ByteBudgetLimits> = {}) {
    this.#limits = { ...BYTE_BUDGET_LIMITS, ...limits };
  }

  /** Bytes that count now. */
  get taken(): number {
    return this.#taken + this.#carried.bytes;
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

  /**
   * The same for bytes that are there already, and so are held while they wait: what can be made later should rather ask first.
   *
   * @returns `undefined` when those who wait hold too much.
   */
  async takeFor(message: Bytes, network?: string): Promise<Transfer | undefined> {
    const isFirst = this.#held.bytes === 0;
    this.#held.hold(message);
    try {
      if (!isFirst && this.#held.bytes > this.#limits.heldBytes) return undefined;
      return await this.take(message.length, network, false);
    } finally {
      this.#held.release(message);
    }
  }

  /** The budget for peers in one network. */
  of(network: string): Room {
    return new NetworkRoom(this, network);
  }

  async carry(transfer: CountedTransfer, message: Bytes): Promise<void> {
    if (transfer.isOver) return;
    // Not after waiting: two that keep what they have while they wait for more would wait for each other.
    this.#taken -= transfer.ownBytes;
    transfer.ownBytes = 0;
    const more = this.#peerBytes(message.length) - transfer.peerBytes;
    if (more > 0) await this.#grow(transfer, more);
    if (transfer.isOver) return;
    if (message.length > this.#limits.freeBytes) {
      this.#carried.hold(message);
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
    if (message !== undefined) this.#carried.release(message);
    this.#startWaiting();
  }

  #peerBytes(bytes: number): number {
    return bytes <= this.#limits.freeBytes ? 0 : Math.min(bytes, this.#limits.peerBytes);
  }

  /** Counts more bytes for a transfer once there is room; more than the whole budget goes when nothing else is counted. */
  async #grow(transfer: CountedTransfer, bytes: number): Promise<void> {
    if (this.#waiting.isEmpty && this.#hasRoom(bytes)) this.#taken += bytes;
    else await this.#wait(transfer, bytes);
    transfer.peerBytes += bytes;
    // It may have ended while it waited, when it had nothing to give back.
    if (transfer.isOver) this.#shrink(transfer, bytes);
  }

  async #wait(transfer: CountedTransfer, bytes: number): Promise<void> {
    await new Promise<void>((start) => {
      this.#waiting.add(transfer.network, { bytes, start });
      this.#startWaiting();
    });
  }

  #shrink(transfer: CountedTransfer, bytes: number): void {
    transfer.peerBytes -= bytes;
    this.#taken -= bytes;
    this.#startWaiting();
  }

  #hasRoom(bytes: number): boolean {
    return this.taken === 0 || this.taken + bytes <= this.#limits.maxBytes;
  }

  #startWaiting(): void {
    for (let next = this.#waiting.next; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting.next) {
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.start();
    }
  }

  /**
   * Patience is counted in looks and not by the clock: where this process itself stood still, everybody has seemed to. Between two looks
   * it hears of what peers have taken meanwhile.
   */
  #giveUpStalled(): void {
    // Only now: most transfers are over much sooner than there is something to look at.
    if (this.#transfers.size === 0 && this.#waiting.isEmpty) {
      clearInterval(this.#check);
      this.#check = undefined;
      return;
    }
    const patience = this.#waiting.isEmpty ? this.#limits.patience : this.#limits.pressedPatience;
    for (const transfer of [...this.#transfers]) {
      if (!transfer.isUpToPeer) continue;
      transfer.look();
      if ((transfer.timesStill - 1) * CHECK_INTERVAL < patience) continue;
      transfer.giveUp();
      transfer.end();
    }
  }
}

/** There is one for each connection: it is small. */
class NetworkRoom implements Room {
  readonly #budget: ByteBudget;
  readonly #network: string;

  constructor(budget: ByteBudget, network: string) {
    this.#budget = budget;
    this.#network = network;
  }

  take(bytes: number): Promise<Transfer> {
    return this.#budget.take(bytes, this.#network);
  }

  takeFor(message: Bytes): Promise<Transfer | undefined> {
    return this.#budget.takeFor(message, this.#network);
  }
}
