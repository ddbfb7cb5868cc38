import { RE2JS } from 're2js';
import { Failure } from './failure.js';
import type { PatternNode } from './pattern-node.js';
import { compileCost, MAX_COMPILE_COST } from './re2-cost.js';
import { asSpaced, asUnits, re2Source, type TextForm } from './re2-source.js';

/**
 * Largest product of a program's instructions and a text's UTF-16 units: the engine's worst case costs about 12 ns for
 * each, so no search takes longer than some 25 ms, and everyday patterns (30 instructions) run on texts of 65,000 units.
 */
const MAX_WORK = 2_000_000;

const TEXT_TOO_LONG = new Failure('an attribute is too long for the pattern it is matched with');
const TOO_LARGE = new Failure('a pattern cannot be used: it is too large');
const TOO_LARGE_BEYOND_ASCII = new Failure('a pattern is too large for an attribute with characters beyond ASCII');
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

  /** @returns a failure when that would take too long, or the form cannot express it. */
  static compile(pattern: PatternNode, form: TextForm): Program | Failure {
    const source = boundedSource(pattern, form);
    if (source instanceof Failure) return source;
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

/** A pattern in the engine's syntax. @returns a failure when it would take too long to compile, or the form cannot express it. */
export function boundedSource(pattern: PatternNode, form: TextForm): string | Failure {
  const source = re2Source(pattern, form);
  if (source === undefined) return NOT_EXPRESSIBLE;
  if (compileCost(pattern, form, source) <= MAX_COMPILE_COST) return source;
  return form === 'ascii' ? TOO_LARGE : TOO_LARGE_BEYOND_ASCII;
}
