/** Visible ASCII and spaces, without `"` and `\`, which JSON escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Escapes a string for JSON, without the quotes. Most strings need no escaping, and checking that is faster than
 * JSON.stringify. Half a surrogate pair becomes U+FFFD: FeatBit's server refuses a whole batch of events for one.
 */
export function escaped(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text.toWellFormed()).slice(1, -1);
}

/** The bytes that a text without halves of surrogate pairs takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit <= 0x7f) continue;
    // A character of two units takes four bytes: two for each.
    bytes += unit <= 0x7ff || isSurrogate(unit) ? 1 : 2;
  }
  return bytes;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
