import { RE2JS } from 're2js';
import { Failure } from './failure.js';
import { MAX_PATTERN_SIZE, type PatternNode } from './pattern-node.js';
import type { UnitSet } from './pattern-sets.js';
import { asSpaced, asUnits, re2Source, type TextForm } from './re2-source.js';

/**
 * Largest product of a program's instructions and a text's UTF-16 units: the engine's worst case costs about 12 ns for
 * each, so no search takes longer than some 25 ms, and everyday patterns (30 instructions) run on texts of 65,000 units.
 */
const MAX_WORK = 2_000_000;

/** What a category or a range in a class costs the engine to compile, in instructions. */
const CATEGORY_COST = 15;
const RANGE_COST = 0.3;

const TEXT_TOO_LONG = new Failure('an attribute is too long for the pattern it is matched with');
const TOO_LARGE = new Failure('a pattern is too large for an attribute with characters beyond ASCII');
const NOT_EXPRESSIBLE = new Failure(
  'a pattern asks for word boundaries and line ends at once, which is not supported for an attribute beyond ASCII',
);
const REFUSED = new Failure('a pattern cannot be used: the engine does not take it');

/** How long a text is in a form, for each of its units. */
const UNITS: Readonly<Record<TextForm, number>> = { ascii: 1, units: 1, spaced: 3 };

const IN_FORM: Readonly<Record<TextForm, (text: string) => string>> = {
  ascii: (text) => text,
  units: asUnits,
  spaced: asSpaced,
};

/** A pattern compiled for one form of texts. */
export class Program {
  readonly #form: TextForm;
  readonly #regex: RE2JS;
  readonly #longestText: number;

  /** @returns a failure when it would take too long, or the form cannot express it. */
  static compile(pattern: PatternNode, form: TextForm): Program | Failure {
    if (form !== 'ascii' && costOf(pattern, UNITS[form]) > MAX_PATTERN_SIZE) return TOO_LARGE;
    const source = re2Source(pattern, form);
    if (source === undefined) return NOT_EXPRESSIBLE;
    try {
      return new Program(form, RE2JS.compile(source, source.includes('(?<') ? RE2JS.LOOKBEHINDS : 0));
    } catch {
      return REFUSED;
    }
  }

  private constructor(form: TextForm, regex: RE2JS) {
    this.#form = form;
    this.#regex = regex;
    this.#longestText = MAX_WORK / regex.programSize() / UNITS[form];
  }

  /** Whether the pattern is found in a text. */
  search(text: string): boolean | Failure {
    if (text.length > this.#longestText) return TEXT_TOO_LONG;
    return this.#regex.test(IN_FORM[this.#form](text));
  }
}

/** What a pattern costs the engine to compile, in instructions. @param each the instructions for each of the pattern's own. */
function costOf(pattern: PatternNode, each: number): number {
  return pattern.size * each + setsCost(pattern);
}

function setsCost(node: PatternNode): number {
  switch (node.kind) {
    case 'units':
      return setCost(node.set);
    case 'place':
      return 0;
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + setsCost(part), 0);
    case 'either':
      return node.options.reduce((sum, option) => sum + setsCost(option), 0);
    case 'repeat':
      return setsCost(node.of);
  }
}

function setCost({ ranges, categories, complements }: UnitSet): number {
  const own = Math.max(ranges.length - 1, 0) * RANGE_COST + categories.length * CATEGORY_COST;
  return complements.reduce((sum, set) => sum + setCost(set), own);
}
