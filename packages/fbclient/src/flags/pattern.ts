import { RE2JS } from 're2js';
import { Failure } from './failure.js';

/** Longest pattern that is compiled, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 1_000;
/** Largest compiled pattern, in instructions of the engine. */
const MAX_PROGRAM_SIZE = 2_000;
/**
 * Largest product of a pattern's instructions and a text's UTF-16 units: the engine's worst case costs about 12 ns for
 * each, so no match takes longer than some 25 ms, and everyday patterns (30 instructions) run on texts of 65,000 units.
 */
const MAX_WORK = 2_000_000;

/** A compiled pattern: whether it is found anywhere in a text, or a failure when the text is too long to be tried. */
export interface Pattern {
  test(text: string): boolean | Failure;
}

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
  const longestText = MAX_WORK / size;
  return { test: (text) => (text.length > longestText ? TEXT_TOO_LONG : compiled.test(text)) };
}
