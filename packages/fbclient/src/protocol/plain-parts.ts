import type { DocumentFacts } from './document-facts.js';
import { ANYTHING, type Expectation, type Shape, TEXT_OR_NULL } from './document-shapes.js';
import {
  COLON,
  COMMA,
  endOfNumber,
  endOfPlain,
  endOfWord,
  LETTER_F,
  LETTER_N,
  LETTER_T,
  NOWHERE,
  QUOTE,
} from './json-bytes.js';
import { AFTER_VALUE, NAME, type ScannerState, VALUE } from './scanner-states.js';

/**
 * Reads what there is most of in documents as programs write them: members and items that are words, numbers, or texts without an
 * escape, with no white space between them. All else is left to the scanner, which can read these, too. They have functions of
 * their own because V8 compiles a short one within the first hundred kilobytes, and one as long as the scanner's within the
 * first megabytes.
 */
export class PlainParts {
  /** How far the last call has come. */
  at = 0;
  /** Of the object that is open: the bits of the members that have come. Of a list: how many items. */
  seen = 0;
  /** What the value has to be that is next. */
  expects: Expectation = ANYTHING;
  readonly #bytes: Uint8Array;
  readonly #facts: DocumentFacts;

  constructor(bytes: Uint8Array, facts: DocumentFacts) {
    this.#bytes = bytes;
    this.#facts = facts;
  }

  /**
   * Reads members of an object, from the place on where a name has to begin.
   *
   * @returns what comes where it has stopped.
   */
  members(shape: Shape, start: number, limit: number): ScannerState {
    const bytes = this.#bytes;
    for (let at = start; ; at += 1) {
      this.at = at;
      if (bytes[at] !== QUOTE) return NAME;
      const nameEnd = endOfPlain(bytes, at + 1, limit);
      if (nameEnd + 1 >= limit || bytes[nameEnd] !== QUOTE || bytes[nameEnd + 1] !== COLON) return NAME;
      const field = shape.field(bytes, at + 1, nameEnd);
      const expects = field === undefined ? ANYTHING : field.expects;
      // Of a member that comes twice each value has to be sound, and the last one counts.
      if (field !== undefined) this.seen |= field.bit;
      at = this.value(expects, nameEnd + 2, limit);
      if (at === NOWHERE) {
        this.at = nameEnd + 2;
        this.expects = expects;
        return VALUE;
      }
      if (bytes[at] !== COMMA) {
        this.at = at;
        return AFTER_VALUE;
      }
    }
  }

  /** As {@link members}, for the items of a list. */
  items(expects: Expectation, start: number, limit: number): ScannerState {
    for (let at = start; ; at += 1) {
      this.at = at;
      if (at >= limit) return VALUE;
      at = this.value(expects, at, limit);
      if (at === NOWHERE) return VALUE;
      this.seen += 1;
      if (this.#bytes[at] !== COMMA) {
        this.at = at;
        return AFTER_VALUE;
      }
    }
  }

  /** @returns where a plain value ends; `NOWHERE` when it is none, or goes on behind the limit. */
  value(expects: Expectation, at: number, limit: number): number {
    const bytes = this.#bytes;
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const end = endOfPlain(bytes, at + 1, limit);
      if (end >= limit || bytes[end] !== QUOTE) return NOWHERE;
      if (expects > TEXT_OR_NULL) this.#facts.text(expects, at + 1, end, false);
      return end + 1;
    }
    const isWord = byte === LETTER_T || byte === LETTER_F || byte === LETTER_N;
    const end = isWord ? endOfWord(bytes, at) : endOfNumber(bytes, at);
    if (end !== NOWHERE && expects !== ANYTHING) {
      if (isWord) this.#facts.word(expects, byte);
      else this.#facts.number(expects, at, end);
    }
    return end;
  }
}
