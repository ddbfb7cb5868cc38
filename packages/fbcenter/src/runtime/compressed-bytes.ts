import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { Bytes } from './bytes.js';

const deflate = promisify(deflateRaw);

/** Quick rather than small: documents shrink to less than a tenth either way. */
const LEVEL = 5;
/** A shorter part is kept as it is: to begin a compression costs more than it saves. In bytes. */
const WORTH_DEFLATING = 512;
/** Longest part that goes in one block as it is. */
const LONGEST_STORED = 0xffff;

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty block that ends a stream. */
const LAST_BLOCK = Buffer.from([3, 0]);
/** What is left of the empty block at the end of a WebSocket message, of which the last four bytes are not sent (RFC 7692, 7.2.1). */
const LAST_OF_MESSAGE = Buffer.from([0]);

/** How each part is compressed: alone, to whole bytes, so that one may follow any other. */
const deflatedParts = new WeakMap<Buffer, Promise<Buffer>>();
const gzipped = new WeakMap<Bytes, Promise<Bytes>>();
const messages = new WeakMap<Bytes, Promise<Bytes>>();

/**
 * Bytes as gzip. They are compressed off the event loop, once for everybody who is sent them, and of those that have parts in common with earlier
 * ones only what is new is compressed.
 */
export function asGzip(bytes: Bytes): Promise<Bytes> {
  return once(gzipped, bytes, async () => new Bytes([GZIP_HEADER, ...(await blocksOf(bytes)), gzipEnd(bytes)]));
}

/** The payload of a WebSocket message under `permessage-deflate`, for peers that need know nothing of earlier messages; kept as {@link asGzip}. */
export function asDeflatedMessage(bytes: Bytes): Promise<Bytes> {
  return once(messages, bytes, async () => new Bytes([...(await blocksOf(bytes)), LAST_OF_MESSAGE]));
}

function blocksOf({ parts }: Bytes): Promise<readonly Buffer[]> {
  return Promise.all(parts.map((part) => once(deflatedParts, part, () => blockOf(part))));
}

async function blockOf(part: Buffer): Promise<Buffer> {
  if (part.length < WORTH_DEFLATING) return stored(part);
  return deflate(part, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH });
}

/** A block that holds bytes as they are. */
function stored(part: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(part.length, 1);
  header.writeUInt16LE(LONGEST_STORED - part.length, 3);
  return Buffer.concat([header, part]);
}

function gzipEnd({ parts, length }: Bytes): Buffer {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(parts.reduce((sum, part) => crc32(part, sum), 0));
  end.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([LAST_BLOCK, end]);
}

/** What was made of a thing; made when it is first asked for, and kept as long as the thing is. What has failed is made again. */
function once<Key extends object, Value>(
  known: WeakMap<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? make();
  if (!known.has(key)) {
    known.set(key, value);
    value.catch(() => known.delete(key));
  }
  return value;
}
