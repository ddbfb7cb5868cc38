import { PatternProblem, type Place } from './pattern-node.js';
import { CATEGORIES, complementOf, SHORTHANDS, setOf, type UnitRange, type UnitSet } from './pattern-sets.js';

/** What a backslash and what follows it can be. */
export type Escape =
  | { readonly kind: 'unit'; readonly unit: number }
  | { readonly kind: 'set'; readonly set: UnitSet }
  | { readonly kind: 'place'; readonly place: Place };

const PLACES: Readonly<Record<string, Place>> = {
  b: 'word-boundary',
  B: 'no-word-boundary',
  A: 'start',
  // Where a search begins, which is always the start here.
  G: 'start',
  Z: 'last-line-end',
  z: 'end',
};

const CONTROLS: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  e: 0x1b,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
};

/** What counts as part of a word: .NET refuses to escape it where it has no meaning. */
const WORD = /[\p{L}\p{Mn}\p{Nd}\p{Pc}\u200c\u200d]/u;

/** Reads the parts of a pattern that stand for single units and sets of them: escapes and classes. */
export class EscapeReader {
  readonly source: string;
  at = 0;

  constructor(source: string) {
    this.source = source;
  }

  get ended(): boolean {
    return this.at >= this.source.length;
  }

  /** The next unit, without taking it; empty at the end. */
  get next(): string {
    return this.source.charAt(this.at);
  }

  take(): string {
    const unit = this.next;
    this.at += 1;
    return unit;
  }

  /** Takes a text if it comes next. */
  takes(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Reads what follows a backslash outside of a class. */
  escape(): Escape {
    if (this.ended) throw new PatternProblem('it ends in a backslash');
    const place = PLACES[this.next];
    if (place !== undefined) {
      this.at += 1;
      return { kind: 'place', place };
    }
    const set = this.#setEscape();
    if (set !== undefined) return { kind: 'set', set };
    if (/^(?:k|[1-9]|<\w+>|'\w+')/.test(this.source.slice(this.at))) {
      throw new PatternProblem('it has a back-reference, which is not supported');
    }
    return { kind: 'unit', unit: this.#unitEscape() };
  }

  /** Reads a class, from behind its bracket. */
  unitClass(): UnitSet {
    const negated = this.takes('^');
    const ranges: UnitRange[] = [];
    const categories: string[] = [];
    const complements: UnitSet[] = [];
    for (let first = true; first || this.next !== ']'; first = false) {
      if (this.ended) throw new PatternProblem('a class has no end');
      const member = this.#member(first);
      if (typeof member !== 'number') {
        if (member.negated) complements.push(complementOf(member));
        ranges.push(...(member.negated ? [] : member.ranges));
        categories.push(...(member.negated ? [] : member.categories));
        continue;
      }
      ranges.push([member, this.#endOfRange(member)]);
    }
    this.at += 1;
    return { negated, ranges, categories, complements };
  }

  #member(first: boolean): number | UnitSet {
    if (!first && this.next === '-' && this.source.charAt(this.at + 1) === '[') this.#refuseSubtraction();
    if (this.next === '[' && this.source.charAt(this.at + 1) === ':') {
      throw new PatternProblem(
        'it has a class with a name, such as [:alpha:], which means something else on the server',
      );
    }
    const unit = this.take();
    if (unit !== '\\') return unit.charCodeAt(0);
    if (this.ended) throw new PatternProblem('a class has no end');
    return this.#setEscape() ?? this.#unitEscape();
  }

  /** @returns the last unit of a range that begins with a unit; the unit itself when there is no range. */
  #endOfRange(low: number): number {
    const after = this.source.charAt(this.at + 1);
    if (this.next !== '-' || after === ']' || after === '') return low;
    if (after === '[') this.#refuseSubtraction();
    this.at += 1;
    const high = this.#member(false);
    if (typeof high !== 'number') throw new PatternProblem('a range in a class ends in a class');
    if (high < low) throw new PatternProblem('a range in a class is reversed');
    return high;
  }

  #refuseSubtraction(): never {
    throw new PatternProblem('it has a class within a class, which is not supported');
  }

  /** `\d`, `\p{…}` and the like. */
  #setEscape(): UnitSet | undefined {
    const letter = this.next;
    const shorthand = SHORTHANDS[letter];
    if (shorthand !== undefined) {
      this.at += 1;
      return shorthand;
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    const name = /^.\{([\w-]+)\}/.exec(this.source.slice(this.at))?.[1];
    if (name === undefined || !CATEGORIES.has(name)) {
      throw new PatternProblem(`\\${letter} takes a general category here, such as \\${letter}{L}`);
    }
    this.at += name.length + 3;
    const set = setOf([], [name]);
    return letter === 'p' ? set : complementOf(set);
  }

  /** An escape that stands for one unit. */
  #unitEscape(): number {
    const octal = /^[0-7]{1,3}/.exec(this.source.slice(this.at, this.at + 3))?.[0];
    if (octal !== undefined) {
      this.at += octal.length;
      return Number.parseInt(octal, 8) & 0xff;
    }
    const letter = this.take();
    const control = CONTROLS[letter];
    if (control !== undefined) return control;
    if (letter === 'x') return this.#hexadecimal(2);
    if (letter === 'u') return this.#hexadecimal(4);
    if (letter === 'c') return this.#control();
    if (WORD.test(letter)) throw new PatternProblem(`it has an escape that does not exist: \\${letter}`);
    return letter.charCodeAt(0);
  }

  #hexadecimal(digits: number): number {
    const text = this.source.slice(this.at, this.at + digits);
    if (text.length < digits || /[^0-9a-fA-F]/.test(text)) {
      throw new PatternProblem(`\\x takes two hexadecimal digits and \\u four`);
    }
    this.at += digits;
    return Number.parseInt(text, 16);
  }

  #control(): number {
    const unit = this.take().toUpperCase().charCodeAt(0) - 0x40;
    if (unit >= 0 && unit < 0x20) return unit;
    throw new PatternProblem('\\c takes a letter');
  }
}
