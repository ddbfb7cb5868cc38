import type { Decoded } from './decoded.js';
import { type DataSync, decodeServerMessage, type ServerMessage } from './messages.js';
import { share } from './shared-documents.js';

/** Texts that are remembered at once. A push comes to all clients of a process within milliseconds. */
const MAX_TEXTS = 16;
/** Longest text that is remembered, in UTF-16 units. */
const MAX_LENGTH = 16_384;

/** A message that came to a client. */
interface Known {
  readonly text: string;
  readonly message: Decoded<ServerMessage>;
  readonly data: DataSync;
  /** Whether it came to another one. */
  isShared: boolean;
}

/** The newest first. Held weakly: a process that has come to rest keeps nothing. */
let remembered = new WeakRef<Known[]>([]);

/**
 * As {@link decodeServerMessage}, for a process in which many clients get the same push, each over a connection of its own: a text is
 * read once, and what it brings is shared. Nobody changes it. A client that is alone pays for no more than a look at the last texts.
 */
export function decodeRecentMessage(text: string): Decoded<ServerMessage> {
  if (text.length > MAX_LENGTH) return decodeServerMessage(text);
  let recent = remembered.deref();
  if (recent === undefined) {
    recent = [];
    remembered = new WeakRef(recent);
  }
  // Mostly it is the first one, or as long as none: that takes a tenth of the time of hashing a text, which a Map begins with.
  for (const known of recent) if (known.text === text) return shared(known);
  const message = decodeServerMessage(text);
  if (!message.ok || message.value.type !== 'data-sync') return message;
  recent.unshift({ text, message, data: message.value.data, isShared: false });
  if (recent.length > MAX_TEXTS) recent.pop();
  return message;
}

function shared(known: Known): Decoded<ServerMessage> {
  if (known.isShared) return known.message;
  known.isShared = true;
  for (const document of known.data.featureFlags) share(document);
  for (const document of known.data.segments) share(document);
  return known.message;
}
