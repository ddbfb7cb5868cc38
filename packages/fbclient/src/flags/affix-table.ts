import type { LookUpTable } from './look-up.js';
import { END, firstFrom, type Positions, withPosition } from './positions.js';

/** A beginning or an end that rules ask for. */
interface Affix {
  readonly text: string;
  rules: Positions;
  /** The next longest that is an affix of it: whoever has this one has that one, too. */
  within: Affix | undefined;
}

/** FNV-1a over UTF-16 units. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/** Rules by how a text must begin, or how it must end: one walk over the text finds all, whatever their number. */
export class AffixTable implements LookUpTable<string, Affix> {
  readonly #isPrefix: boolean;
  /** By their hashes. */
  readonly #affixes = new Map<number, Affix[]>();
  /** Different, in ascending order. */
  readonly #lengths: readonly number[];

  /** @param rules what each rule asks for, in order. */
  constructor(side: 'prefix' | 'suffix', rules: readonly { readonly affix: string; readonly position: number }[]) {
    this.#isPrefix = side === 'prefix';
    const affixes = new Map<string, Affix>();
    for (const { affix: text, position } of rules) {
      const known = affixes.get(text);
      if (known === undefined) affixes.set(text, { text, rules: position, within: undefined });
      else known.rules = withPosition(known.rules, position);
    }
    const ascending = [...affixes.values()].toSorted((one, other) => one.text.length - other.text.length);
    this.#lengths = [...new Set(ascending.map(({ text }) => text.length))];
    for (const affix of ascending) {
      // Those within it are shorter, so that they are in the table.
      affix.within = this.find(affix.text);
      const hash = this.#hash(SEED, affix.text, 0, affix.text.length);
      const same = this.#affixes.get(hash);
      if (same === undefined) this.#affixes.set(hash, [affix]);
      else same.push(affix);
    }
  }

  /** The longest that a text has. */
  find(text: string): Affix | undefined {
    let hash = SEED;
    let hashed = 0;
    let longest: Affix | undefined;
    for (const length of this.#lengths) {
      if (length > text.length) break;
      hash = this.#hash(hash, text, hashed, length);
      hashed = length;
      for (const affix of this.#affixes.get(hash) ?? []) {
        if (affix.text.length === length && this.#has(text, affix.text)) longest = affix;
      }
    }
    return longest;
  }

  nextFrom(found: Affix, from: number): number {
    let next = END;
    for (let affix: Affix | undefined = found; affix !== undefined; affix = affix.within) {
      next = Math.min(next, firstFrom(affix.rules, from));
    }
    return next;
  }

  #has(text: string, affix: string): boolean {
    return this.#isPrefix ? text.startsWith(affix) : text.endsWith(affix);
  }

  /** Goes on with a hash over the units from one on to another, counted from the side. */
  #hash(hash: number, text: string, from: number, to: number): number {
    let mixed = hash;
    for (let index = from; index < to; index++) {
      mixed = Math.imul(mixed ^ text.charCodeAt(this.#isPrefix ? index : text.length - 1 - index), PRIME);
    }
    return mixed;
  }
}
