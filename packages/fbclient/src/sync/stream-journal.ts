import type { DataRequest, Taken } from './data-requests.js';
import type { Commit } from './data-source.js';
import { HealingLedger } from './healing-ledger.js';
import { PushedVersions } from './pushed-versions.js';
import type { StreamingEvent } from './streaming-state.js';

/** What the streaming machine needs to know of a sync message that is in use. */
export interface Entry {
  readonly what: Taken;
  /** From where to ask again what it has undone of earlier pushes. */
  readonly undone: number | undefined;
}

/** Keeps what came over the stream, as far as it matters later: what was pushed, and what only a repeated request brought. */
export class StreamJournal {
  readonly #pushed = new PushedVersions();
  readonly #ledger = new HealingLedger();

  /** A new connection begins: what was pushed over the last one cannot be undone by an answer of this one. */
  connecting(): void {
    this.#pushed.forget();
    this.#ledger.wasPushed();
  }

  /** @param request the one that is unanswered on this connection. */
  committed({ changes, differences, isEmpty, repeats }: Commit, request: DataRequest | undefined, now: number): Entry {
    const heals = request?.why === 'healing';
    if (changes.eventType === 'full') {
      const undone = this.#pushed.full(changes);
      if (heals) this.#ledger.full(differences, undone?.documents ?? NOTHING, now);
      return { what: 'full', undone: undone?.cursor };
    }
    if (isEmpty) return { what: 'nothing-new', undone: undefined };
    if (heals && request.cursor > 0 && repeats) {
      this.#ledger.answered(differences, now);
      return { what: 'repeat', undone: undefined };
    }
    this.#pushed.patch(changes);
    // A server that has answered the ping before the request may not answer it at all: what comes now are pushes.
    if (heals && !request.passed) this.#ledger.changed(differences, changes);
    else this.#ledger.pushed(changes);
    return { what: 'changes', undone: undefined };
  }

  /** The machine has made a step: a request that was unanswered before it may not be waited for any more. */
  followed(before: DataRequest | undefined, after: DataRequest | undefined, event: StreamingEvent, now: number): void {
    // It was asked about often enough.
    if (event.type === 'taken' && event.undone !== undefined && after?.why !== 'overtaken') this.#pushed.forget();
    if (before === undefined || before.number === after?.number) return;
    const isFull = event.type === 'taken' && event.what === 'full';
    if (before.why === 'overtaken' && !isFull) this.#pushed.forget();
    if (before.why !== 'healing' || isFull) return;
    // An answered ping shows that the answer was among the changes that have come.
    if (event.type === 'pong') this.#ledger.wasAnswer(now);
    else this.#ledger.wasPushed();
  }

  /** @returns how many documents healing has put right since the last time. */
  repaired(now: number): number {
    return this.#ledger.settle(now);
  }
}

const NOTHING: ReadonlySet<string> = new Set();
