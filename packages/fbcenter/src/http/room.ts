import { Refusal } from '../model/refusal.js';
import { ByteBudget } from '../runtime/byte-budget.js';
import { gone } from '../runtime/gone.js';
import { networkOf } from '../runtime/network.js';
import type { Transfer } from '../runtime/transfer.js';
import type { Exchange } from './exchange.js';

type Asking = Pick<Exchange, 'address' | 'isGone'>;

/**
 * Waits for room for an answer before it is made, so that those who wait hold nothing; and it is not made for a client that did
 * not wait.
 *
 * @param bytes how many it is expected to have.
 * @param isShared whether others are likely to be sent the same bytes.
 */
export async function roomFor(
  { address, isGone }: Asking,
  budget: Pick<ByteBudget, 'take'>,
  bytes: number,
  isShared: boolean,
): Promise<Transfer> {
  const transfer = await budget.take(bytes, networkOf(address), isShared);
  if (!isGone()) return transfer;
  transfer.end();
  throw gone();
}

/** How long somebody waits for a place among those who are sent a file, in milliseconds: longer than one who takes nothing keeps it. */
const PATIENCE = 10_000;

/** What is in memory, and what the kernel may hold, for all who are sent files or have one taken in, in bytes. */
const FILE_BYTES = 24 * 1024 * 1024;

/** The places of those who are sent files, which are made while they are taken, or have one taken in: all that is in memory for them is counted. */
export class FilePlaces {
  readonly #budget = new ByteBudget({ maxBytes: FILE_BYTES });
  readonly #patience: number;

  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  /**
   * @param bytes what is in memory while the file is under way.
   * @throws Refusal `busy` when nobody has made room in time.
   */
  take(asking: Asking, bytes: number): Promise<Transfer> {
    const place = roomFor(asking, this.#budget, bytes, false);
    return new Promise((resolve, reject) => {
      let isTooLate = false;
      const wait = setTimeout(() => {
        isTooLate = true;
        reject(new Refusal('busy', 'As many files are under way as there is room for: try again later.'));
      }, this.#patience).unref();
      place
        .then((transfer) => (isTooLate ? transfer.end() : resolve(transfer)), reject)
        .finally(() => clearTimeout(wait));
    });
  }
}
