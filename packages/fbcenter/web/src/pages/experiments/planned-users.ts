import { sampleSize } from '../../../../src/experiments/statistics/planning.js';
import type { SetupDraft } from './setup-draft.js';

/** To look whenever one likes takes about this many times the users of one look. */
const PRICE_OF_LOOKING = 1.75;

/** Users of two variations together; `undefined` for numbers that make no sense. */
export function usersFor(rate: number, effect: number, method: SetupDraft['method']): number | undefined {
  if (!(rate > 0 && rate < 1) || !Number.isFinite(effect) || effect === 0) return undefined;
  try {
    const size = sampleSize({ rate, effect });
    if (size.status !== 'ok') return undefined;
    const users = size.control + size.treatment;
    return Math.ceil(method === 'fixed' ? users : users * PRICE_OF_LOOKING);
  } catch {
    return undefined;
  }
}
