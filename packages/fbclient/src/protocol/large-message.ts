import type { Decoded } from './decoded.js';
import {
  ANYTHING,
  DATA,
  EVENT_TYPE,
  type Expectation,
  FLAGS,
  MESSAGE,
  MESSAGE_TYPE,
  SEGMENTS,
} from './document-shapes.js';
import { type EncodedValue, textIn } from './encoded-document.js';
import { type EnvelopeParts, MessageScanner } from './message-scanner.js';
import {
  type DataSync,
  decodeDataSyncEnvelope,
  decodeParsedEnvelope,
  decodeParsedMessage,
  notJson,
  type ServerMessage,
} from './messages.js';

/** A message as it comes: as text, or as the bytes of the text in UTF-8. */
export type MessageText = string | Uint8Array;

/** Work that is done step by step, and what comes of it. */
export type Steps<T> = Generator<void, T, undefined>;

/**
 * From this length on, in characters or bytes, a message is read step by step, and its documents stay bytes. Shorter ones are parsed
 * whole, which takes some milliseconds at most: less than the scanner takes before it is compiled.
 */
const LARGE = 256 * 1024;
/** Bytes that are read in one step: a tenth of a millisecond, several while the code is not compiled yet. */
const STEP = 16 * 1024;

/** jsdom has neither. */
const HAS_ENCODERS = typeof TextEncoder === 'function' && typeof TextDecoder === 'function';

/** Whether a message is read step by step. Who receives bytes need not make a text of those of such a message. */
export function isLarge({ length }: { readonly length: number }): boolean {
  return length >= LARGE && HAS_ENCODERS;
}

/** The text of a message. */
export function textOf(message: MessageText): string {
  return typeof message === 'string' ? message : textIn(message, 0, message.length);
}

/** A message that is read step by step. */
export class LargeMessage {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns `undefined` for a message that is to be read at once. */
  static of(message: MessageText): LargeMessage | undefined {
    if (!isLarge(message)) return undefined;
    if (typeof message !== 'string') return new LargeMessage(message);
    // Halves of surrogate pairs have no bytes of their own. No text that came from bytes has any.
    return message.isWellFormed() ? new LargeMessage(new TextEncoder().encode(message)) : undefined;
  }

  /** Its length in bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Reads it as what a stream brings. */
  *serverMessage(): Steps<Decoded<ServerMessage>> {
    const parsed = yield* this.json();
    return parsed.ok ? decodeParsedMessage(parsed.value) : parsed;
  }

  /** Reads it as the envelope of flags and segments. */
  *dataSync(): Steps<Decoded<DataSync>> {
    const parsed = yield* this.json();
    return parsed.ok ? decodeParsedEnvelope(parsed.value) : parsed;
  }

  /** Reads it as JSON: as what `JSON.parse` makes of it, but with documents that are not read, and with nothing that is not needed. */
  *json(): Steps<Decoded<unknown>> {
    const envelope = new Envelope();
    const scanner = new MessageScanner(this.#bytes, envelope);
    let progress = scanner.scan(STEP);
    while (progress === 'more') {
      yield;
      progress = scanner.scan(scanner.at + STEP);
    }
    return progress === 'done' ? { ok: true, value: envelope.value } : notJson(yield* this.#characters());
  }

  /** The length of its text in UTF-16 units. */
  *#characters(): Steps<number> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let characters = 0;
    for (let start = 0; start < this.#bytes.length; start += STEP) {
      characters += decoder.decode(this.#bytes.subarray(start, start + STEP), { stream: true }).length;
      yield;
    }
    return characters + decoder.decode().length;
  }
}

/** As `decodeDataSyncEnvelope`, but the documents of a long text stay bytes. */
export function readDataSyncEnvelope(source: unknown): Decoded<DataSync> {
  const large = typeof source === 'string' ? LargeMessage.of(source) : undefined;
  return large === undefined ? decodeDataSyncEnvelope(source) : atOnce(large.dataSync());
}

/** Takes all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Collects what the envelope of a message is made of. */
class Envelope implements EnvelopeParts {
  value: unknown;
  #message: Record<string, unknown> = {};
  #data: Record<string, unknown> = {};
  #flags: EncodedValue[] = [];
  #segments: EncodedValue[] = [];

  // A member that comes twice begins anew: the last one counts.
  opened(what: Expectation): void {
    if (what === MESSAGE) this.#message = {};
    else if (what === DATA) this.#data = {};
    else if (what === FLAGS) this.#flags = [];
    else this.#segments = [];
  }

  member(what: Expectation, value: EncodedValue): void {
    if (what === ANYTHING) return;
    const outline = value.outline();
    const isList = Array.isArray(outline);
    const isObject = !isList && typeof outline === 'object' && outline !== null;
    if (what === MESSAGE) this.value = isObject ? this.#message : outline;
    else if (what === MESSAGE_TYPE) this.#message.messageType = outline;
    else if (what === DATA) this.#message.data = isObject ? this.#data : outline;
    else if (what === EVENT_TYPE) this.#data.eventType = outline;
    else if (what === FLAGS) this.#data.featureFlags = isList ? this.#flags : outline;
    else if (what === SEGMENTS) this.#data.segments = isList ? this.#segments : outline;
  }

  document(list: Expectation, document: EncodedValue): void {
    (list === FLAGS ? this.#flags : this.#segments).push(document);
  }
}
