import { RE2JS } from 're2js';
import { Failure } from './failure.js';
import type { Pattern } from './pattern.js';

/** Longest pattern that is compiled, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 1_000;
/** Largest compiled pattern, in instructions of the engine. */
const MAX_PROGRAM_SIZE = 2_000;
/**
 * Largest product of a pattern's instructions and a text's UTF-16 units: the engine's worst case costs about 12 ns for
 * each, so no match takes longer than some 25 ms, and everyday patterns (30 instructions) run on texts of 65,000 units.
 */
const MAX_WORK = 2_000_000;

/** Answers that are remembered, of all patterns together: about a megabyte. When there are more, all are forgotten. */
const MAX_REMEMBERED = 10_000;
/** Longest text whose answer is remembered, in UTF-16 units. */
const MAX_REMEMBERED_TEXT = 100;

const TEXT_TOO_LONG = new Failure('an attribute is too long for the pattern it is matched with');

/**
 * Compiles a pattern for an engine whose run time is linear in the text, so that no pattern and no attribute can hold an
 * evaluation up. RE2 syntax: no look-around, no back-references, at most 1,000 repeats; `\d` and `\w` are ASCII.
 *
 * @returns `undefined` when the pattern is invalid, unsupported, longer than {@link MAX_PATTERN_LENGTH} or too large.
 */
export function compilePattern(source: string): Pattern | undefined {
  if (source.length > MAX_PATTERN_LENGTH) return undefined;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch {
    return undefined;
  }
  const size = compiled.programSize();
  if (size > MAX_PROGRAM_SIZE) return undefined;
  return new RememberingPattern(compiled, MAX_WORK / size);
}

// Users come back, and an answer takes the engine microseconds: the last ones are kept. By a weak map, because patterns go
// when their flags are replaced.
let remembered = new WeakMap<RememberingPattern, Map<string, boolean>>();
let count = 0;

class RememberingPattern implements Pattern {
  readonly #compiled: RE2JS;
  readonly #longestText: number;

  constructor(compiled: RE2JS, longestText: number) {
    this.#compiled = compiled;
    this.#longestText = longestText;
  }

  test(text: string): boolean | Failure {
    if (text.length > this.#longestText) return TEXT_TOO_LONG;
    return remembered.get(this)?.get(text) ?? this.#find(text);
  }

  #find(text: string): boolean {
    const found = this.#compiled.test(text);
    if (text.length > MAX_REMEMBERED_TEXT) return found;
    if (count >= MAX_REMEMBERED) {
      remembered = new WeakMap();
      count = 0;
    }
    count += 1;
    const answers = remembered.get(this);
    if (answers === undefined) remembered.set(this, new Map([[text, found]]));
    else answers.set(text, found);
    return found;
  }
}
