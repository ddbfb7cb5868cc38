import { hashOfBytes } from './bytes-hash.js';
import { OPEN_LIST, OPEN_OBJECT } from './json-bytes.js';

/** Made when it is first needed: jsdom has no TextDecoder, and tests of front ends load this there. */
let decoder: InstanceType<typeof TextDecoder> | undefined;

/** A part of UTF-8 as text; what is no UTF-8 becomes U+FFFD, as in every text that comes from bytes. */
export function textIn(bytes: Uint8Array, start: number, end: number): string {
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(bytes.subarray(start, end));
}

/** A JSON value in the bytes of a message that nobody has read yet. It is known to be JSON, and nothing else. */
export class EncodedValue {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** What it is, without what is in it: an empty object or list; otherwise the text, the number or the word itself. */
  outline(): unknown {
    switch (this.#bytes[this.#start]) {
      case OPEN_OBJECT:
        return {};
      case OPEN_LIST:
        return [];
      default:
        return this.parse();
    }
  }

  /** The value's JSON, as it came. */
  text(): string {
    return textIn(this.#bytes, this.#start, this.#end);
  }

  /** A number that is the same for the same text. */
  hash(): number {
    return hashOfBytes(this.#bytes, this.#start, this.#end);
  }

  /** Reads it; another object each time. */
  parse(): unknown {
    return JSON.parse(this.text());
  }
}

/**
 * A flag or segment in the bytes of a message: that it can be decoded is known, with what the store needs of it. The rest is
 * read when somebody asks. It keeps the whole message in memory.
 */
export class EncodedDocument extends EncodedValue {
  /** A flag's key, a segment's id. */
  readonly key: string;
  readonly version: number;
  readonly isArchived: boolean;

  constructor(bytes: Uint8Array, start: number, end: number, key: string, version: number, isArchived: boolean) {
    super(bytes, start, end);
    this.key = key;
    this.version = version;
    this.isArchived = isArchived;
  }
}

/** A document, read or not. */
export type Source<T> = T | EncodedDocument;

/** The document itself; reads it if that has not been done. */
export function documentOf<T>(source: Source<T>): T {
  return source instanceof EncodedDocument ? (source.parse() as T) : source;
}
