import type { Secrets } from './secrets.js';

type Owner = Awaited<ReturnType<Secrets['byValue']>>;

/** Owners that are remembered; of more, all are forgotten. */
const MAX_REMEMBERED = 10_000;

interface Known {
  readonly owner: Promise<Owner>;
  /** When it was asked for: what others change from then on may be missing in it. */
  readonly at: number;
}

export interface KnownOwnersOptions {
  /** For how long an answer counts where others write, too, in milliseconds. @default until it is forgotten */
  readonly lifetime?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * Whose each secret is, as it was found: every request of an SDK asks for it, and those that come at the same time ask once. It is to be forgotten
 * whenever something else than counts was written, before whoever wrote it is answered; so a secret that was revoked lets nobody in afterwards.
 */
export class KnownOwners {
  readonly #owners = new Map<string, Known>();
  readonly #ask: Secrets['byValue'];
  readonly #lifetime: number;
  readonly #now: () => number;

  constructor(ask: Secrets['byValue'], { lifetime, now }: KnownOwnersOptions = {}) {
    this.#ask = ask;
    this.#lifetime = lifetime ?? Number.POSITIVE_INFINITY;
    this.#now = now ?? (() => performance.now());
  }

  byValue(value: string): Promise<Owner> {
    const now = this.#now();
    const known = this.#owners.get(value);
    if (known !== undefined && now - known.at < this.#lifetime) return known.owner;
    if (this.#owners.size >= MAX_REMEMBERED) this.#owners.clear();
    const asked: Known = { owner: this.#ask(value), at: now };
    this.#owners.set(value, asked);
    // Strangers fill no memory, and what could not be found out is asked for again.
    const leave = () => {
      if (this.#owners.get(value) === asked) this.#owners.delete(value);
    };
    asked.owner.then((owner) => owner ?? leave(), leave);
    return asked.owner;
  }

  forget(): void {
    this.#owners.clear();
  }
}
