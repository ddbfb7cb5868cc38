import { DocumentReader } from './document-reader.js';
import {
  ANY_LIST,
  ANY_OBJECT,
  ANYTHING,
  type Expectation,
  FIRST_SHAPE,
  MESSAGE,
  SHAPES,
  Shape,
} from './document-shapes.js';
import { EncodedValue, textIn } from './encoded-document.js';
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

/** Learns what the envelope of a message is made of, in the order in which it ends. */
export interface EnvelopeParts {
  /** The message itself, or a list or an object that belongs to the envelope, begins. */
  opened(what: Expectation): void;
  /** A member of the envelope, whatever its value is; the message itself is one, too. */
  member(what: Expectation, value: EncodedValue): void;
  /** A document of a list. */
  document(list: Expectation, document: EncodedValue): void;
}

// What may come next.
const VALUE = 0;
const FIRST_VALUE = 1;
const NAME = 2;
const FIRST_NAME = 3;
const NAME_END = 4;
const AFTER_VALUE = 5;
const IN_TEXT = 6;

/** What is around the message: a list of one. */
const OUTSIDE = Shape.list(MESSAGE, 1, true);
/** So deep are the values of the envelope at most. */
const ENVELOPE_DEPTH = 4;

/**
 * Reads the bytes of a message, as far as one wants at a time: that it is JSON, what its envelope has, and where each document
 * begins and ends, with its key, its version and whether it is archived. It takes what `JSON.parse` takes.
 *
 * A document that has the shape of {@link SHAPES} becomes an {@link EncodedDocument}. One in which anything is odd (a member that
 * comes twice and is damaged once, an escape in a name, a number with an exponent, more than 64 KiB) becomes an {@link EncodedValue},
 * which has to be read to be judged.
 */
export class MessageScanner {
  readonly #bytes: Uint8Array;
  readonly #parts: EnvelopeParts;
  readonly #reader: DocumentReader;
  #at: number;
  #state = VALUE;
  #shape = OUTSIDE;
  #expects: Expectation = MESSAGE;
  #depth = 0;
  #isName = false;
  /** Where the text that is being read begins, behind its quote, and whether it has escapes. */
  #textAt = 0;
  #isEscaped = false;
  /** Of each object and list that is open, the outermost first: its shape. */
  #open = new Uint8Array(16);
  /** Of each part of the envelope that is open: what the value in it is that is being read, and where it begins. */
  readonly #members = new Int32Array(ENVELOPE_DEPTH);
  readonly #starts = new Float64Array(ENVELOPE_DEPTH);

  constructor(bytes: Uint8Array, parts: EnvelopeParts) {
    this.#bytes = bytes;
    this.#parts = parts;
    this.#reader = new DocumentReader(bytes);
    // Editors on Windows begin a file with a byte order mark; it is no part of the text.
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** How far it has come. */
  get at(): number {
    return this.#at;
  }

  /**
   * Goes on.
   *
   * @param until where to stop, or a little later: within a word, a number, an escape or a document it does not.
   * @returns `more` when there is more to read; `done` at the end of a whole message; `broken` where it is no JSON.
   */
  scan(until: number): 'more' | 'done' | 'broken' {
    const bytes = this.#bytes;
    const limit = Math.min(until, bytes.length);
    for (;;) {
      if (this.#state === IN_TEXT) {
        const problem = this.#text(limit);
        if (problem !== undefined) return problem;
        continue;
      }
      this.#at = afterSpace(bytes, this.#at);
      if (this.#at >= limit && this.#at < bytes.length) return 'more';
      const byte = bytes[this.#at];
      switch (this.#state) {
        case NAME:
        case FIRST_NAME:
          if (byte === QUOTE) this.#begins(true);
          else if (this.#state === NAME || !this.#close(byte)) return 'broken';
          break;
        case NAME_END:
          if (byte !== COLON) return 'broken';
          this.#at += 1;
          this.#state = VALUE;
          break;
        case AFTER_VALUE:
          if (byte === COMMA && this.#depth > 0) {
            this.#at += 1;
            this.#state = this.#shape.isList ? VALUE : NAME;
          } else if (this.#depth === 0) {
            return byte === undefined ? 'done' : 'broken';
          } else if (!this.#close(byte)) {
            return 'broken';
          }
          break;
        default:
          if (this.#state === FIRST_VALUE && byte === CLOSE_LIST) this.#close(byte);
          else if (!this.#value(byte)) return 'broken';
      }
    }
  }

  /** Goes on within a text. @returns why it ends here; `undefined` at the text's end. */
  #text(limit: number): 'more' | 'broken' | undefined {
    const bytes = this.#bytes;
    for (;;) {
      const at = endOfPlain(bytes, this.#at, limit);
      this.#at = at;
      // A text without an end has come to the end of the message.
      if (at >= limit) return at < bytes.length ? 'more' : 'broken';
      if (bytes[at] === QUOTE) break;
      const end = bytes[at] === BACKSLASH ? endOfEscape(bytes, at) : NOWHERE;
      if (end === NOWHERE) return 'broken';
      this.#isEscaped = true;
      this.#at = end;
    }
    this.#at += 1;
    if (this.#isName) {
      this.#expects = this.#shape.isEnvelope ? this.#named(this.#textAt, this.#at - 1) : ANYTHING;
      this.#state = NAME_END;
    } else {
      this.#ended();
    }
    return undefined;
  }

  /** A text begins. */
  #begins(isName: boolean): void {
    this.#at += 1;
    this.#state = IN_TEXT;
    this.#isName = isName;
    this.#isEscaped = false;
    this.#textAt = this.#at;
  }

  /** A value begins. @returns whether there is one. */
  #value(byte: number | undefined): boolean {
    const at = this.#at;
    const depth = this.#depth;
    if (this.#shape.isEnvelope) {
      this.#members[depth] = this.#expects;
      this.#starts[depth] = at;
      if (this.#shape.isList && depth > 0) {
        const end = this.#reader.read(this.#expects, at);
        if (end !== NOWHERE) {
          this.#at = end;
          this.#parts.document(this.#open[depth - 1] as number, this.#reader.document(at, end));
          this.#state = AFTER_VALUE;
          return true;
        }
      }
    }
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      this.#push(byte === OPEN_LIST);
      return true;
    }
    if (byte === QUOTE) {
      this.#begins(false);
      return true;
    }
    const isWord = byte === LETTER_T || byte === LETTER_F || byte === LETTER_N;
    const end = isWord ? endOfWord(this.#bytes, at) : endOfNumber(this.#bytes, at);
    if (end === NOWHERE) return false;
    this.#at = end;
    this.#ended();
    return true;
  }

  /** An object or a list begins. */
  #push(isList: boolean): void {
    const expected = this.#shape.isEnvelope ? SHAPES[this.#expects - FIRST_SHAPE] : undefined;
    const fits = expected?.isEnvelope === true && expected.isList === isList;
    const id = fits ? this.#expects : isList ? ANY_LIST : ANY_OBJECT;
    if (this.#depth === this.#open.length) {
      const wider = new Uint8Array(2 * this.#depth);
      wider.set(this.#open);
      this.#open = wider;
    }
    this.#open[this.#depth] = id;
    this.#depth += 1;
    this.#at += 1;
    this.#shape = SHAPES[id - FIRST_SHAPE] as Shape;
    this.#expects = this.#shape.item;
    this.#state = isList ? FIRST_VALUE : FIRST_NAME;
    if (this.#shape.isEnvelope) this.#parts.opened(id);
  }

  /** The object or list that is open ends. @returns whether it does. */
  #close(byte: number | undefined): boolean {
    if (byte !== (this.#shape.isList ? CLOSE_LIST : CLOSE_OBJECT)) return false;
    this.#at += 1;
    this.#depth -= 1;
    const around = this.#open[this.#depth - 1];
    this.#shape = this.#depth === 0 ? OUTSIDE : (SHAPES[(around as number) - FIRST_SHAPE] as Shape);
    this.#expects = this.#shape.item;
    this.#ended();
    return true;
  }

  /** A value has ended. */
  #ended(): void {
    this.#state = AFTER_VALUE;
    if (!this.#shape.isEnvelope) return;
    const depth = this.#depth;
    const value = new EncodedValue(this.#bytes, this.#starts[depth] as number, this.#at);
    if (this.#shape.isList && depth > 0) this.#parts.document(this.#open[depth - 1] as number, value);
    else this.#parts.member(this.#members[depth] as number, value);
  }

  /** What is expected of the member of the envelope whose name stands there. */
  #named(start: number, end: number): Expectation {
    let field = this.#isEscaped ? undefined : this.#shape.field(this.#bytes, start, end);
    if (this.#isEscaped) {
      const name = new TextEncoder().encode(JSON.parse(textIn(this.#bytes, start - 1, end + 1)));
      field = this.#shape.field(name, 0, name.length);
    }
    return field === undefined ? ANYTHING : field.expects;
  }
}
