import { EscapeReader } from './pattern-escapes.js';
import {
  eitherNode,
  MAX_PATTERN_SIZE,
  type PatternNode,
  PatternProblem,
  placeNode,
  repeatNode,
  sequenceNode,
  TOO_LARGE,
  unitNode,
  unitsNode,
} from './pattern-node.js';
import { complementOf, foldedUnits, ignoringCase, LINE_FEED, setOf, type UnitSet } from './pattern-sets.js';

/** Longest pattern that is read, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 1_000;
/** Deepest nesting of groups. */
const MAX_DEPTH = 100;

/** What it takes to look up a unit's other cases, in instructions as {@link PatternNode} has them. */
const FOLDED_UNIT_SIZE = 1 / 20;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly freeSpacing: boolean;
}

const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, freeSpacing: false };

const ANY = complementOf(setOf([]));
const ANY_BUT_LINE_FEED = complementOf(setOf([LINE_FEED]));

/**
 * Reads a pattern as FeatBit's server does, which has the regular expressions of .NET. What would mean something else here,
 * or is not possible in linear time, is refused.
 *
 * @returns why it cannot be used, as the end of a sentence, or what it says.
 */
export function parsePattern(source: string): PatternNode | string {
  if (source.length > MAX_PATTERN_LENGTH) return `it is longer than ${MAX_PATTERN_LENGTH} characters`;
  try {
    return new PatternParser(source).parse();
  } catch (problem) {
    if (problem instanceof PatternProblem) return problem.message;
    throw problem;
  }
}

class PatternParser {
  readonly #in: EscapeReader;
  #flags = NO_FLAGS;
  #depth = 0;
  /** What it took to join the cases of the classes so far. */
  #spent = 0;

  constructor(source: string) {
    this.#in = new EscapeReader(source);
  }

  parse(): PatternNode {
    const node = this.#alternatives();
    if (!this.#in.ended) throw new PatternProblem('a group is closed that was not opened');
    return node;
  }

  /** Up to the end of the group. Flags that are set in it end with it. */
  #alternatives(): PatternNode {
    const flags = this.#flags;
    const options: PatternNode[] = [];
    do options.push(this.#sequence());
    while (this.#in.takes('|'));
    this.#flags = flags;
    return eitherNode(options);
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#in.ended || this.#in.next === '|' || this.#in.next === ')') return sequenceNode(parts);
      if (this.#isQuantifier()) throw new PatternProblem('a repeat has nothing to repeat');
      const node = this.#atom();
      // Flags alone, such as (?i).
      if (node !== undefined) parts.push(this.#quantified(node));
    }
  }

  #atom(): PatternNode | undefined {
    const unit = this.#in.take();
    switch (unit) {
      case '(':
        return this.#group();
      case '[':
        return this.#units(this.#in.unitClass());
      case '\\':
        return this.#escape();
      case '.':
        return unitsNode(this.#flags.dotAll ? ANY : ANY_BUT_LINE_FEED);
      case '^':
        return placeNode(this.#flags.multiline ? 'line-start' : 'start');
      case '$':
        return placeNode(this.#flags.multiline ? 'line-end' : 'last-line-end');
      default:
        return this.#unit(unit.charCodeAt(0));
    }
  }

  #escape(): PatternNode {
    const escaped = this.#in.escape();
    switch (escaped.kind) {
      case 'place':
        return placeNode(escaped.place);
      case 'set':
        return this.#units(escaped.set);
      case 'unit':
        return this.#unit(escaped.unit);
    }
  }

  #unit(unit: number): PatternNode {
    return this.#flags.ignoreCase ? this.#units(setOf([[unit, unit]])) : unitNode(unit);
  }

  #units(set: UnitSet): PatternNode {
    if (!this.#flags.ignoreCase) return unitsNode(set);
    this.#spent += foldedUnits(set) * FOLDED_UNIT_SIZE;
    if (this.#spent > MAX_PATTERN_SIZE) throw new PatternProblem(TOO_LARGE);
    return unitsNode(ignoringCase(set));
  }

  #group(): PatternNode | undefined {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new PatternProblem('its groups are nested too deep');
    const outer = this.#flags;
    if (this.#in.next === '?' && this.#opensFlags()) {
      this.#depth -= 1;
      return undefined;
    }
    const node = this.#alternatives();
    if (!this.#in.takes(')')) throw new PatternProblem('a group has no end');
    this.#flags = outer;
    this.#depth -= 1;
    return node;
  }

  /** Reads what says how a group is meant. @returns whether it was flags for the rest of the group around, and no group. */
  #opensFlags(): boolean {
    const rest = this.#in.source.slice(this.#in.at);
    // A group that begins with a question mark: there is nothing to repeat.
    if (rest.startsWith('?)')) return false;
    // Groups are not captured: nothing here can refer to them.
    const name =
      /^\?(?:<(?:[1-9]\d*|[\p{L}_][\p{L}\p{Mn}\p{Nd}\p{Pc}]*)>|'(?:[1-9]\d*|[\p{L}_][\p{L}\p{Mn}\p{Nd}\p{Pc}]*)')/u.exec(
        rest,
      );
    if (name !== null) {
      this.#in.at += name[0].length;
      return false;
    }
    if (/^\?(?:[=!]|<[=!])/.test(rest)) throw new PatternProblem('it has look-around, which is not supported');
    if (/^\?[>(<']/.test(rest)) throw new PatternProblem('it has a kind of group that is not supported');
    const flags = /^\?([imnsx]*(?:[-+][imnsx]*)*)([:)])/i.exec(rest);
    if (flags === null) throw new PatternProblem('it has a group of a kind that does not exist');
    this.#in.at += flags[0].length;
    this.#flags = changed(this.#flags, flags[1] ?? '');
    return flags[2] === ')';
  }

  #quantified(node: PatternNode): PatternNode {
    this.#skipBlanks();
    if (!this.#isQuantifier()) return node;
    const [min, max] = this.#bounds();
    if (max < min) throw new PatternProblem('a repeat ends before it begins');
    this.#skipBlanks();
    // Lazy or not: that decides what is matched, not whether.
    this.#in.takes('?');
    this.#skipBlanks();
    if (this.#isQuantifier()) throw new PatternProblem('a repeat is repeated');
    return repeatNode(node, min, max);
  }

  #bounds(): readonly [min: number, max: number] {
    if (this.#in.takes('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#in.takes('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#in.takes('?')) return [0, 1];
    const [text = '', low = '', comma, high = ''] = COUNTS.exec(this.#in.source.slice(this.#in.at)) ?? [];
    this.#in.at += text.length;
    const min = Number(low);
    const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min > MAX_PATTERN_SIZE || (high !== '' && max > MAX_PATTERN_SIZE)) {
      throw new PatternProblem(TOO_LARGE);
    }
    return [min, max];
  }

  /** Braces without numbers in them are ordinary characters. */
  #isQuantifier(): boolean {
    const { next } = this.#in;
    if (next === '{') return COUNTS.test(this.#in.source.slice(this.#in.at, this.#in.at + 64));
    return next === '*' || next === '+' || next === '?';
  }

  /** Comments, and with the flag `x` white space and comments to the end of a line. */
  #skipBlanks(): void {
    for (;;) {
      const rest = this.#in.source.slice(this.#in.at);
      if (rest.startsWith('(?#')) {
        const length = rest.indexOf(')') + 1;
        if (length === 0) throw new PatternProblem('a comment has no end');
        this.#in.at += length;
        continue;
      }
      const blank = this.#flags.freeSpacing ? /^(?:[\t-\r ]|#[^\n]*)+/.exec(rest) : null;
      if (blank === null) return;
      this.#in.at += blank[0].length;
    }
  }
}

const COUNTS = /^\{(\d+)(,(\d*))?\}/;

function changed(flags: Flags, letters: string): Flags {
  let on = true;
  const next = { ...flags };
  for (const letter of letters.toLowerCase()) {
    if (letter === '-' || letter === '+') on = letter === '+';
    else if (letter === 'i') next.ignoreCase = on;
    else if (letter === 'm') next.multiline = on;
    else if (letter === 's') next.dotAll = on;
    else if (letter === 'x') next.freeSpacing = on;
    // `n` is about captures.
  }
  return next;
}
