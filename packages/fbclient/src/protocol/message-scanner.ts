import { DocumentFacts } from './document-facts.js';
import {
  ANY_LIST,
  ANY_OBJECT,
  ANYTHING,
  type Expectation,
  FIRST_SHAPE,
  type Field,
  MESSAGE,
  SHAPES,
  Shape,
  TEXT_OR_NULL,
} from './document-shapes.js';
import { EncodedValue, textIn } from './encoded-document.js';
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfEscape,
  endOfPlain,
  NOWHERE,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './json-bytes.js';
import { PlainParts } from './plain-parts.js';
import {
  AFTER_VALUE,
  FIRST_NAME,
  FIRST_VALUE,
  IN_TEXT,
  NAME,
  NAME_END,
  type ScannerState,
  VALUE,
} from './scanner-states.js';

/** Learns what the envelope of a message is made of, in the order in which it ends. */
export interface EnvelopeParts {
  /** The message itself, or a list or an object that belongs to the envelope, begins. */
  opened(what: Expectation): void;
  /** A member of the envelope, whatever its value is; the message itself is one, too. */
  member(what: Expectation, value: EncodedValue): void;
  /** A document of a list. */
  document(list: Expectation, document: EncodedValue): void;
}

/** What is around the message: a list of one. */
const OUTSIDE = Shape.list(MESSAGE, 1, true);
/** Deeper than this nothing is known of what is expected. */
const KNOWN_DEPTH = 16;
/** The byte behind the last one. */
const NONE = -1;
const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/**
 * Reads the bytes of a message, as far as one wants at a time: that it is JSON, what its envelope has, and where each document
 * begins and ends, with its key, its version and whether it is archived. It takes what `JSON.parse` takes.
 *
 * A document that has the shape of {@link SHAPES} becomes an {@link EncodedDocument}. One in which anything is odd (a member that
 * comes twice, an escape in a name, a number with an exponent) becomes an {@link EncodedValue}, which has to be read to be judged.
 */
export class MessageScanner {
  readonly #bytes: Uint8Array;
  readonly #parts: EnvelopeParts;
  #at: number;
  #state: ScannerState = VALUE;
  #shape = OUTSIDE;
  #expects: Expectation = MESSAGE;
  #depth = 0;
  /** Of the object that is open: the bits of the members that have come. Of a list: how many items. */
  #seen = 0;
  #isName = false;
  /** Where the text that is being read begins, behind its quote, and whether it has escapes. */
  #textAt = 0;
  #isEscaped = false;
  /** Of each object and list that is open, the outermost first: its shape, and what had come of the one around it. */
  #open = new Uint8Array(KNOWN_DEPTH);
  readonly #seenAround = new Int32Array(KNOWN_DEPTH);
  /** Of each part of the envelope that is open: what the value in it is that is being read, and where it begins. */
  readonly #members = new Int32Array(KNOWN_DEPTH);
  readonly #starts = new Float64Array(KNOWN_DEPTH);
  readonly #facts: DocumentFacts;
  readonly #plain: PlainParts;

  constructor(bytes: Uint8Array, parts: EnvelopeParts) {
    this.#bytes = bytes;
    this.#parts = parts;
    this.#facts = new DocumentFacts(bytes);
    this.#plain = new PlainParts(bytes, this.#facts);
    // Editors on Windows begin a file with a byte order mark; it is no part of the text.
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** How far it has come. */
  get at(): number {
    return this.#at;
  }

  /**
   * Goes on. All state is in variables of this method while it runs: a field for each would take twice as long.
   *
   * @param until where to stop, or a little later: within a word, a number or an escape it does not.
   * @returns `more` when there is more to read; `done` at the end of a whole message; `broken` where it is no JSON.
   */
  scan(until: number): 'more' | 'done' | 'broken' {
    const bytes = this.#bytes;
    const end = bytes.length;
    const limit = Math.min(until, end);
    const plain = this.#plain;
    let at = this.#at;
    let state = this.#state;
    let shape = this.#shape;
    let expects = this.#expects;
    let depth = this.#depth;
    let seen = this.#seen;
    let isName = this.#isName;
    let textAt = this.#textAt;
    let isEscaped = this.#isEscaped;
    for (;;) {
      if (state === IN_TEXT) {
        at = endOfPlain(bytes, at, limit);
        if (at >= limit) break;
        if (bytes[at] === BACKSLASH) {
          isEscaped = true;
          at = endOfEscape(bytes, at);
          if (at === NOWHERE) return 'broken';
          continue;
        }
        if (bytes[at] !== QUOTE) return 'broken';
        at += 1;
        if (isName) {
          const field = isEscaped ? this.#escapedField(shape, textAt, at - 1) : shape.field(bytes, textAt, at - 1);
          if (field !== undefined) seen |= field.bit;
          expects = field === undefined ? ANYTHING : field.expects;
          state = NAME_END;
          continue;
        }
        if (expects > TEXT_OR_NULL) this.#facts.text(expects, textAt, at - 1, isEscaped);
      } else {
        let byte = at < limit ? (bytes[at] as number) : NONE;
        if (byte <= SPACE) {
          while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
            at += 1;
            byte = at < limit ? (bytes[at] as number) : NONE;
          }
          if (at >= limit && at < end) break;
        }
        let isEnd = false;
        switch (state) {
          case NAME:
          case FIRST_NAME: {
            if (byte !== QUOTE) {
              if (state === NAME) return 'broken';
              isEnd = true;
              break;
            }
            if (!shape.isEnvelope) {
              plain.seen = seen;
              const next = plain.members(shape, at, limit);
              seen = plain.seen;
              if (plain.at !== at) {
                at = plain.at;
                expects = plain.expects;
                state = next;
                continue;
              }
            }
            state = IN_TEXT;
            isName = true;
            isEscaped = false;
            at += 1;
            textAt = at;
            continue;
          }
          case NAME_END:
            if (byte !== COLON) return 'broken';
            at += 1;
            state = VALUE;
            continue;
          case AFTER_VALUE:
            isEnd = byte !== COMMA || depth === 0;
            if (isEnd) break;
            at += 1;
            state = shape.isList ? VALUE : NAME;
            continue;
          default: {
            if (state === FIRST_VALUE && byte === CLOSE_LIST) {
              isEnd = true;
              break;
            }
            if (shape.isEnvelope) this.#begin(depth, expects, at);
            if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
              const id = this.#shapeOf(expects, byte === OPEN_LIST);
              this.#push(depth, id, seen);
              depth += 1;
              shape = SHAPES[id - FIRST_SHAPE] as Shape;
              seen = 0;
              expects = shape.item;
              if (shape.isEnvelope) this.#parts.opened(id);
              state = shape.isList ? FIRST_VALUE : FIRST_NAME;
              at += 1;
              continue;
            }
            if (shape.isList && !shape.isEnvelope) {
              plain.seen = seen;
              const next = plain.items(expects, at, limit);
              seen = plain.seen;
              if (plain.at !== at) {
                at = plain.at;
                state = next;
                continue;
              }
            }
            const valueEnd = plain.value(expects, at, limit);
            if (valueEnd === NOWHERE) {
              if (byte !== QUOTE) return 'broken';
              state = IN_TEXT;
              isName = false;
              isEscaped = false;
              at += 1;
              textAt = at;
              continue;
            }
            at = valueEnd;
          }
        }
        if (isEnd) {
          // Of an object, of a list or of the message.
          if (depth === 0) return state === AFTER_VALUE && byte === NONE ? 'done' : 'broken';
          if (byte !== (shape.isList ? CLOSE_LIST : CLOSE_OBJECT)) return 'broken';
          const { needs } = shape;
          if (needs !== 0 && (shape.isList ? seen : seen & needs) !== needs) this.#facts.isOdd = true;
          depth -= 1;
          seen = depth < KNOWN_DEPTH ? (this.#seenAround[depth] as number) : 0;
          shape = this.#around(depth);
          expects = shape.item;
          at += 1;
        }
      }
      // A value has ended.
      if (shape.isEnvelope) this.#end(depth, at);
      state = AFTER_VALUE;
      if (shape.isList) {
        seen += 1;
        if (at >= limit || bytes[at] !== COMMA || depth === 0) continue;
        state = VALUE;
      } else {
        if (at >= limit || bytes[at] !== COMMA) continue;
        state = NAME;
      }
      at += 1;
    }
    this.#at = at;
    this.#state = state;
    this.#shape = shape;
    this.#expects = expects;
    this.#depth = depth;
    this.#seen = seen;
    this.#isName = isName;
    this.#textAt = textAt;
    this.#isEscaped = isEscaped;
    // A text without an end has come to the end of the message.
    return at < end ? 'more' : 'broken';
  }

  /** @returns the shape of what is open at a depth. */
  #around(depth: number): Shape {
    return depth === 0 ? OUTSIDE : (SHAPES[(this.#open[depth - 1] as number) - FIRST_SHAPE] as Shape);
  }

  #push(depth: number, id: Expectation, seen: number): void {
    if (depth < KNOWN_DEPTH) this.#seenAround[depth] = seen;
    if (depth === this.#open.length) {
      const wider = new Uint8Array(2 * depth);
      wider.set(this.#open);
      this.#open = wider;
    }
    this.#open[depth] = id;
  }

  /** What an object or a list is to be read as. */
  #shapeOf(expects: Expectation, isList: boolean): Expectation {
    if (expects >= FIRST_SHAPE && SHAPES[expects - FIRST_SHAPE]?.isList === isList) return expects;
    if (expects !== ANYTHING) this.#facts.isOdd = true;
    return isList ? ANY_LIST : ANY_OBJECT;
  }

  #escapedField(shape: Shape, start: number, end: number): Field | undefined {
    // Its document is read as a whole, in which it may be any member.
    this.#facts.isOdd = true;
    if (!shape.isEnvelope) return undefined;
    const name = new TextEncoder().encode(JSON.parse(textIn(this.#bytes, start - 1, end + 1)));
    return shape.field(name, 0, name.length);
  }

  /** A value begins in a part of the envelope. */
  #begin(depth: number, expects: Expectation, at: number): void {
    this.#members[depth] = expects;
    this.#starts[depth] = at;
    this.#facts.isOdd = false;
  }

  /** A value has ended in a part of the envelope. */
  #end(depth: number, at: number): void {
    const start = this.#starts[depth] as number;
    const around = depth === 0 ? undefined : (this.#open[depth - 1] as number);
    const isDocument = around !== undefined && SHAPES[around - FIRST_SHAPE]?.isList === true;
    if (isDocument) this.#parts.document(around, this.#facts.document(start, at));
    else this.#parts.member(this.#members[depth] as number, new EncodedValue(this.#bytes, start, at));
  }
}
