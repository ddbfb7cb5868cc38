import type { Secrets } from '../secrets.js';

type Owner = Awaited<ReturnType<Secrets['byValue']>>;

/** Owners that are remembered; of more, all are forgotten. */
const MAX_REMEMBERED = 10_000;

/**
 * Whose each secret is, as it was found: every request of an SDK asks for it. Forgotten whenever something else than counts was written, before
 * whoever wrote it is answered; so a secret that was revoked lets nobody in afterwards.
 */
export class KnownOwners {
  readonly #owners = new Map<string, NonNullable<Owner>>();
  readonly #ask: Secrets['byValue'];
  /** Grows whenever all is forgotten: what was asked for before must not be remembered afterwards. */
  #age = 0;

  constructor(ask: Secrets['byValue']) {
    this.#ask = ask;
  }

  async byValue(value: string): Promise<Owner> {
    const known = this.#owners.get(value);
    if (known !== undefined) return known;
    const age = this.#age;
    const owner = await this.#ask(value);
    if (owner === undefined || age !== this.#age) return owner;
    if (this.#owners.size >= MAX_REMEMBERED) this.#owners.clear();
    this.#owners.set(value, owner);
    return owner;
  }

  forget(): void {
    this.#age += 1;
    this.#owners.clear();
  }
}
