import type { LedgerSummary } from './ledger.js';
import type { Random } from './random.js';

/** What an SDK lives with during a soak: a server, its data and its events, and what goes wrong there. */
export interface World {
  readonly streamingUrl: string;
  readonly eventUrl: string;
  readonly secret: string;
  /** The faults, by the names they have in the report. Each makes something go wrong for a while. */
  readonly faults: Readonly<Record<string, (random: Random) => Promise<void>>>;
  /** Everything is well again. */
  heal(): Promise<void>;
  /** Changes some flag. */
  change(): void;
  /** A digest of each flag's value, by its key. */
  readonly digests: Readonly<Record<string, string>>;
  /** For how long the oldest of these values has not been the server's, in milliseconds; absent where nobody looks. */
  staleFor?(digests: Readonly<Record<string, string>>): number;
  readonly ledger: LedgerSummary;
  /** Whether an event may arrive twice: where answers get lost an SDK cannot know better. */
  readonly losesAnswers: boolean;
  close(): Promise<void>;
}
