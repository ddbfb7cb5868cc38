const BLANK = /^(?:[^\S\ufeff]|\u0085)*$/;

/**
 * Whether a text is empty or white space only, as FeatBit's server sees it: the next-line character (U+0085) is white space,
 * the byte order mark (U+FEFF) is not. JavaScript's `trim` has it the other way round.
 */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  // Nearly every text begins with a visible ASCII character, and that check is faster.
  return !(first > 0x20 && first < 0x7f) && BLANK.test(text);
}
