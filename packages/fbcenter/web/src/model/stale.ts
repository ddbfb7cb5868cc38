import { type FlagSummary, servesOne, servingOf } from './summary.js';
import { ago } from './time.js';

/** Days without an evaluation, or with one value for everybody, after which a flag is worth a look. */
const STALE_AFTER = 30;
const DAY = 86_400_000;

/** How a flag is used, as far as it is known. */
export interface Usage {
  readonly count: number;
  /** Milliseconds; absent when it was never evaluated. */
  readonly lastAt?: number;
}

/** Why a flag may have done its work, as a sentence; `undefined` when it has not. */
export function staleReason(flag: FlagSummary, usage: Usage | undefined, now: number): string | undefined {
  const limit = now - STALE_AFTER * DAY;
  if (flag.isArchived || flag.version > limit) return undefined;
  const lastAt = usage?.lastAt;
  if (lastAt === undefined) return `never evaluated, last changed ${ago(flag.version, now)}`;
  if (lastAt < limit) return `last evaluated ${ago(lastAt, now)}`;
  if (servesOne(flag) && flag.isEnabled)
    return `everybody has been getting ${servingOf(flag)} for ${days(flag.version, now)}`;
  return undefined;
}

function days(since: number, now: number): string {
  return `${Math.floor((now - since) / DAY)} days`;
}
