import { decodeFlag, decodeSegment } from '../../src/protocol/documents.js';
import { EncodedDocument, EncodedValue } from '../../src/protocol/encoded-document.js';
import { atOnce, LargeMessage } from '../../src/protocol/large-message.js';
import { MessageScanner } from '../../src/protocol/message-scanner.js';
import { decodeServerMessage } from '../../src/protocol/messages.js';

/**
 * Reads a message once step by step and once as a whole.
 *
 * @returns what differs, in words; `undefined` when nothing does.
 */
export function scannerFault(bytes: Uint8Array): string | undefined {
  // What is no UTF-8 is no matter of the scanner: a text comes from the bytes as it does for small messages.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const whole = decodeServerMessage(text);
  const read = atOnce(new LargeMessage(bytes).serverMessage());
  if (!same(outline(read), whole)) return 'the message is read in another way';
  return documentFault(read) ?? stepFault(bytes);
}

/** Documents read, everything else as it is. */
function outline(value: unknown): unknown {
  if (value instanceof EncodedValue) return value.parse();
  if (Array.isArray(value)) return value.map(outline);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, outline(member)]));
}

/** A document that is taken for sound has to be decodable, as what it is taken for. */
function documentFault(read: ReturnType<typeof decodeServerMessage>): string | undefined {
  if (!read.ok || read.value.type !== 'data-sync') return undefined;
  const { featureFlags, segments } = read.value.data;
  for (const item of [...featureFlags, ...segments]) {
    if (!(item instanceof EncodedDocument)) continue;
    const { key, version, isArchived } = item;
    const document = item.parse();
    const judged = featureFlags.includes(item) ? decodeFlag(document) : decodeSegment(document);
    if (!judged.ok) return `a document is taken for sound: ${judged.problem}`;
    const known = 'key' in judged.document ? judged.document.key : judged.document.id;
    const facts = { key: known, version: judged.version, isArchived: judged.document.isArchived };
    if (!same({ key, version, isArchived }, facts))
      return `a document is taken for another: ${JSON.stringify({ key, version, isArchived })}`;
  }
  return undefined;
}

/** Wherever it stops on the way, it finds the same. */
function stepFault(bytes: Uint8Array): string | undefined {
  const found = (step: number): readonly unknown[] => {
    const parts: unknown[] = [];
    const scanner = new MessageScanner(bytes, {
      opened: (what) => parts.push(what),
      member: (what, value) => parts.push([what, value.text()]),
      document: (list, value) => parts.push([list, value instanceof EncodedDocument, value.text()]),
    });
    let progress = scanner.scan(step);
    while (progress === 'more') progress = scanner.scan(scanner.at + step);
    return [...parts, progress];
  };
  // Every byte of a short message; of a long one every so many.
  const step = bytes.length < 400 ? 1 : 17;
  return same(found(step), found(bytes.length)) ? undefined : 'it matters where the scanner stops';
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
