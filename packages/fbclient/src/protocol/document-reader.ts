import { DocumentFacts } from './document-facts.js';
import {
  ANY_LIST,
  ANY_OBJECT,
  ANYTHING,
  type Expectation,
  FIRST_SHAPE,
  SHAPES,
  type Shape,
  TEXT_OR_NULL,
} from './document-shapes.js';
import type { EncodedValue } from './encoded-document.js';
import {
  afterSpace,
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfEscape,
  endOfNumber,
  endOfPlain,
  endOfWord,
  LETTER_F,
  LETTER_N,
  LETTER_T,
  NOWHERE,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.js';

/** Longest document that is read at a stretch, in bytes: a fifth of a millisecond, about one while the code is not compiled yet. */
const LONGEST = 64 * 1024;
/** The deepest; what is deeper is no flag or segment. */
const DEEPEST = 16;

/**
 * Reads one document at a stretch: that it is JSON, where it ends, and whether it has the shape of {@link SHAPES}. It is made of short
 * functions without state, because a start reads most of its message before V8 has compiled a long one.
 */
export class DocumentReader {
  readonly #bytes: Uint8Array;
  readonly #facts: DocumentFacts;
  #limit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#facts = new DocumentFacts(bytes);
  }

  /**
   * @param expects what it should be.
   * @returns where it ends; `NOWHERE` when it is no JSON, or too long, too deep or too odd to be read so.
   */
  read(expects: Expectation, start: number): number {
    this.#limit = Math.min(start + LONGEST, this.#bytes.length);
    this.#facts.isOdd = false;
    return this.#value(expects, start, 0);
  }

  /** The document that was read. */
  document(start: number, end: number): EncodedValue {
    return this.#facts.document(start, end);
  }

  #value(expects: Expectation, at: number, depth: number): number {
    const bytes = this.#bytes;
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const end = endOfPlain(bytes, at + 1, this.#limit);
      if (bytes[end] !== QUOTE) return this.#escapedText(expects, at + 1, end);
      if (expects > TEXT_OR_NULL) this.#facts.text(expects, at + 1, end, false);
      return end + 1;
    }
    if (byte === OPEN_OBJECT) return this.#object(this.#shapeOf(expects, false), at + 1, depth);
    if (byte === OPEN_LIST) return this.#list(this.#shapeOf(expects, true), at + 1, depth);
    const isWord = byte === LETTER_T || byte === LETTER_F || byte === LETTER_N;
    const end = isWord ? endOfWord(bytes, at) : endOfNumber(bytes, at);
    if (end !== NOWHERE && expects !== ANYTHING) {
      if (isWord) this.#facts.word(expects, byte);
      else this.#facts.number(expects, at, end);
    }
    return end;
  }

  /** @param from where its first member or its end is. */
  #object(shape: Shape, from: number, depth: number): number {
    const bytes = this.#bytes;
    let seen = 0;
    let at = afterSpace(bytes, from);
    if (bytes[at] !== CLOSE_OBJECT) {
      for (;;) {
        // Of a name with an escape nobody knows here whether it is a member's.
        const nameEnd = bytes[at] === QUOTE ? endOfPlain(bytes, at + 1, this.#limit) : at;
        if (nameEnd === at || bytes[nameEnd] !== QUOTE || depth === DEEPEST) return NOWHERE;
        const field = shape.field(bytes, at + 1, nameEnd);
        // Of a member that comes twice each value has to be sound, and the last one counts.
        if (field !== undefined) seen |= field.bit;
        at = afterSpace(bytes, nameEnd + 1);
        if (bytes[at] !== COLON) return NOWHERE;
        at = this.#value(field === undefined ? ANYTHING : field.expects, afterSpace(bytes, at + 1), depth + 1);
        if (at === NOWHERE) return NOWHERE;
        at = afterSpace(bytes, at);
        if (bytes[at] === CLOSE_OBJECT) break;
        if (bytes[at] !== COMMA) return NOWHERE;
        at = afterSpace(bytes, at + 1);
      }
    }
    if ((seen & shape.needs) !== shape.needs) this.#facts.isOdd = true;
    return at + 1;
  }

  /** @param from where its first item or its end is. */
  #list({ item, needs }: Shape, from: number, depth: number): number {
    const bytes = this.#bytes;
    let count = 0;
    let at = afterSpace(bytes, from);
    if (bytes[at] !== CLOSE_LIST) {
      for (;;) {
        if (at >= this.#limit || depth === DEEPEST) return NOWHERE;
        at = this.#value(item, at, depth + 1);
        if (at === NOWHERE) return NOWHERE;
        count += 1;
        at = afterSpace(bytes, at);
        if (bytes[at] === CLOSE_LIST) break;
        if (bytes[at] !== COMMA) return NOWHERE;
        at = afterSpace(bytes, at + 1);
      }
    }
    if (needs !== 0 && count !== needs) this.#facts.isOdd = true;
    return at + 1;
  }

  /** @param from where its first escape is. */
  #escapedText(expects: Expectation, start: number, from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < this.#limit && bytes[at] === BACKSLASH) {
      at = endOfEscape(bytes, at);
      if (at === NOWHERE) return NOWHERE;
      at = endOfPlain(bytes, at, this.#limit);
    }
    if (bytes[at] !== QUOTE) return NOWHERE;
    if (expects > TEXT_OR_NULL) this.#facts.text(expects, start, at, true);
    return at + 1;
  }

  /** What an object or a list is read as. */
  #shapeOf(expects: Expectation, isList: boolean): Shape {
    const shape = expects < FIRST_SHAPE ? undefined : SHAPES[expects - FIRST_SHAPE];
    if (shape !== undefined && shape.isList === isList) return shape;
    if (expects !== ANYTHING) this.#facts.isOdd = true;
    return SHAPES[(isList ? ANY_LIST : ANY_OBJECT) - FIRST_SHAPE] as Shape;
  }
}
