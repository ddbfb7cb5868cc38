import { isBlank } from '../users/blank.js';
import { AMOUNT, ARCHIVED, type Expectation, KEY, NUMBER, TEXT_OR_NULL, TRUTH, VERSION } from './document-shapes.js';
import { EncodedDocument, EncodedValue, textIn } from './encoded-document.js';
import { isPlainNumber, LETTER_N, LETTER_T, MINUS } from './json-bytes.js';
import { versionIn } from './version-bytes.js';

/** What is known of the document that is being read, of its members that are expected to be something. */
export class DocumentFacts {
  readonly #bytes: Uint8Array;
  /** Whether there is anything in it that has to be looked at more closely: it may be damaged. */
  isOdd = false;
  #isArchived = false;
  #keyAt = 0;
  #keyEnd = 0;
  #isKeyEscaped = false;
  #versionAt = 0;
  #versionEnd = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param start behind its quote. */
  text(expects: Expectation, start: number, end: number, isEscaped: boolean): void {
    if (expects === KEY) {
      this.#keyAt = start;
      this.#keyEnd = end;
      this.#isKeyEscaped = isEscaped;
    } else if (expects === VERSION && !isEscaped) {
      this.#versionAt = start;
      this.#versionEnd = end;
    } else {
      this.isOdd = true;
    }
  }

  /** `true`, `false` or `null`, by its first letter. */
  word(expects: Expectation, first: number): void {
    if (expects === ARCHIVED && first !== LETTER_N) this.#isArchived = first === LETTER_T;
    else if (first === LETTER_N ? expects !== TEXT_OR_NULL : expects !== TRUTH) this.isOdd = true;
  }

  number(expects: Expectation, start: number, end: number): void {
    const fits = expects === NUMBER || (expects === AMOUNT && this.#bytes[start] !== MINUS);
    if (!fits || !isPlainNumber(this.#bytes, start, end)) this.isOdd = true;
  }

  /** The document that has ended. */
  document(start: number, end: number): EncodedValue {
    const bytes = this.#bytes;
    const key = this.isOdd ? undefined : this.#key();
    if (key === undefined || isBlank(key)) return new EncodedValue(bytes, start, end);
    const version = versionIn(bytes, this.#versionAt, this.#versionEnd);
    if (version === undefined) return new EncodedValue(bytes, start, end);
    return new EncodedDocument(bytes, start, end, key, version, this.#isArchived);
  }

  #key(): string {
    if (this.#isKeyEscaped) return JSON.parse(textIn(this.#bytes, this.#keyAt - 1, this.#keyEnd + 1));
    return textIn(this.#bytes, this.#keyAt, this.#keyEnd);
  }
}
