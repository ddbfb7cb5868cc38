import type { Decoded } from './decoded.js';
import { decodeServerMessage, type ServerMessage } from './messages.js';
import { share } from './shared-documents.js';

/** Texts that are remembered at once. A push comes to all clients of a process within milliseconds. */
const MAX_TEXTS = 16;
/** Longest text that is remembered, in UTF-16 units. */
const MAX_LENGTH = 16_384;

/** Messages by their texts, the oldest first. */
class Recent extends Map<string, Decoded<ServerMessage>> {
  /** The text that was asked for last. To compare texts takes a tenth of the time of hashing one, which a look-up begins with. */
  last = '';
}

/** Held weakly: a process that has come to rest keeps nothing. */
let remembered = new WeakRef(new Recent());

/**
 * As {@link decodeServerMessage}, for a process in which many clients get the same push, each over a connection of its own: a text is
 * read once, and what it brings is shared. Nobody changes it.
 */
export function decodeRecentMessage(text: string): Decoded<ServerMessage> {
  if (text.length > MAX_LENGTH) return decodeServerMessage(text);
  let recent = remembered.deref();
  // As the one that is remembered, its hash is known.
  const same = recent?.last === text ? recent.last : text;
  const known = recent?.get(same);
  if (recent !== undefined && known !== undefined) {
    recent.last = same;
    return known;
  }
  const message = decodeServerMessage(text);
  if (!message.ok || message.value.type !== 'data-sync') return message;
  const { featureFlags, segments } = message.value.data;
  for (const document of featureFlags) share(document);
  for (const document of segments) share(document);
  if (recent === undefined) {
    recent = new Recent();
    remembered = new WeakRef(recent);
  }
  const [oldest] = recent.keys();
  if (recent.size >= MAX_TEXTS && oldest !== undefined) recent.delete(oldest);
  recent.set(text, message);
  recent.last = text;
  return message;
}
