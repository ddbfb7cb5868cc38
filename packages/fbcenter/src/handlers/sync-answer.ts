import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, empty, jsonBytes } from '../http/answer.js';
import { takesGzip, WORTH_COMPRESSING } from '../http/compression.js';
import { isKnown } from '../http/preconditions.js';
import type { Bytes } from '../runtime/bytes.js';
import { asGzip } from '../runtime/compressed-bytes.js';

/** Tags of messages, as long as those are kept: thousands poll the same one. */
const tags = new WeakMap<Bytes, string>();

/**
 * A sync message as the answer to a poll: compressed once for all who take that, and not sent to who has it already, whatever cursor it has asked
 * from.
 */
export async function syncAnswer(message: Bytes, headers: IncomingHttpHeaders): Promise<Answer> {
  // Weak: compressed or not it says the same.
  const etag = `W/"${tagOf(message)}"`;
  const common = { etag, vary: 'accept-encoding' };
  if (isKnown(headers, etag)) return empty(304, common);
  if (message.length < WORTH_COMPRESSING || !takesGzip(headers['accept-encoding'])) {
    return { ...jsonBytes(message), headers: common };
  }
  return { ...jsonBytes(await asGzip(message)), headers: { ...common, 'content-encoding': 'gzip' } };
}

/** Of the content and not of its version: a flag that is deleted leaves no version behind. */
function tagOf(message: Bytes): string {
  const known = tags.get(message);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const part of message.parts) hash.update(part);
  const tag = hash.digest('base64url').slice(0, 22);
  tags.set(message, tag);
  return tag;
}
