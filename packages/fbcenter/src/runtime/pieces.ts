/** Bytes handed to a socket at a time. Whether a peer takes something shows only between two of them. */
export const PIECE = 64 * 1024;

/** Cuts text that is encoded as UTF-8 into pieces that share its memory; no piece ends within a character. */
export function* piecesOf(message: Buffer): Generator<Buffer, void, undefined> {
  let start = 0;
  while (start < message.length) {
    let end = Math.min(start + PIECE, message.length);
    while (end < message.length && isContinuation(message[end])) end -= 1;
    // Bytes that are no text have no character to keep whole.
    if (end <= start) end = Math.min(start + PIECE, message.length);
    yield message.subarray(start, end);
    start = end;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
