import { type ServedFlag, versionOf } from './api.js';

/** Which change a flag is at, as far as that is known from outside. Every change of the soak has a number of its own. */
interface Bounds {
  /** The last change that was acknowledged: this or a later one must be there. */
  acknowledged: number;
  /** The last change that was sent: no later one can be there. */
  sent: number;
}

/** What a center must serve, and which versions it has used. */
export class Ledger {
  #flags = new Map<string, Bounds>();
  /** Which change each version stands for. */
  readonly #versions = new Map<number, string>();
  readonly lost: string[] = [];
  readonly repeated: string[] = [];
  acknowledged = 0;
  #changes = 0;

  /** @returns the number of the next change, which is one of this flag. */
  send(key: string): number {
    this.#changes += 1;
    const { acknowledged = 0 } = this.#flags.get(key) ?? {};
    this.#flags.set(key, { acknowledged, sent: this.#changes });
    return this.#changes;
  }

  acknowledge(key: string, change: number, version: number): void {
    const bounds = this.#flags.get(key);
    if (bounds !== undefined) bounds.acknowledged = change;
    this.acknowledged += 1;
    this.#use(version, key, change);
  }

  /** Compares all flags that are served with what must be served. */
  check(served: readonly ServedFlag[], where: string): void {
    const byKey = new Map(served.map((flag) => [flag.key, flag]));
    for (const [key, { acknowledged, sent }] of this.#flags) {
      const flag = byKey.get(key);
      const change = Number(flag?.name ?? 0);
      if (change < acknowledged || change > sent) {
        this.lost.push(`${where}: ${key} is at change ${change} and not between ${acknowledged} and ${sent}`);
      }
      byKey.delete(key);
      if (flag !== undefined) this.#use(versionOf(flag), key, change);
    }
    for (const key of byKey.keys()) this.lost.push(`${where}: ${key} is served and was never sent`);
  }

  /** What is known at the start of a backup must be in it. */
  snapshot(): ReadonlyMap<string, Bounds> {
    return new Map([...this.#flags].map(([key, bounds]) => [key, { ...bounds }]));
  }

  /**
   * Goes back to a backup: it holds what was acknowledged before it began, and nothing that was sent after it had ended.
   */
  restore(before: ReadonlyMap<string, Bounds>, after: ReadonlyMap<string, Bounds>): void {
    this.#flags = new Map(
      [...after].map(([key, { sent }]) => [key, { acknowledged: before.get(key)?.acknowledged ?? 0, sent }]),
    );
  }

  /** A version stands for one state of one flag, for ever: an SDK that holds it holds that state. */
  #use(version: number, key: string, change: number): void {
    const state = `${key} at change ${change}`;
    const known = this.#versions.get(version);
    if (known !== undefined && known !== state) this.repeated.push(`${version} is ${known} and ${state}`);
    this.#versions.set(version, state);
  }
}
