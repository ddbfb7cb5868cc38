import type { ByteBudget } from '../runtime/byte-budget.js';
import { networkOf } from '../runtime/network.js';
import type { Transfer } from '../runtime/transfer.js';
import type { Exchange } from './exchange.js';

/** Nobody is there any more to read the answer: what it says matters to nobody. */
const GONE = { statusCode: 408 };

/**
 * Waits for room for an answer before it is made, so that those who wait hold nothing; and it is not made for a client that did
 * not wait.
 *
 * @param bytes how many it is expected to have.
 * @param isShared whether others are likely to be sent the same bytes.
 */
export async function roomFor(
  { address, isGone }: Pick<Exchange, 'address' | 'isGone'>,
  budget: Pick<ByteBudget, 'take'>,
  bytes: number,
  isShared: boolean,
): Promise<Transfer> {
  const transfer = await budget.take(bytes, networkOf(address), isShared);
  if (!isGone()) return transfer;
  transfer.end();
  throw Object.assign(new Error('The client is gone'), GONE);
}
