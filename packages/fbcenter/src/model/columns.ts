/**
 * The columns that texts take in a terminal. Chinese, Japanese and Korean characters and emoji take two each, accents that are
 * written apart none: counted as characters, a table would lean wherever somebody has such a name.
 */

/** What is drawn as one, such as a letter with its accents or a flag of two letters. */
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

const PLAIN = /^[\u0020-\u02ff]*$/;
/** East Asian scripts with their punctuation and full-width forms, and what is drawn as a picture. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** Nothing but accents and marks of direction. */
const UNSEEN = /^[\p{M}\p{Cf}]+$/u;

export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return partsOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** A text of at most so many columns; what is cut off is `…` instead. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const part of partsOf(text)) {
    left -= part.width;
    if (left < 0) break;
    kept += part.text;
  }
  return `${kept}…`;
}

/** A text with as many spaces behind it as fill so many columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function partsOf(text: string): readonly { readonly text: string; readonly width: number }[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => ({
    text: segment,
    width: WIDE.test(segment) ? 2 : UNSEEN.test(segment) ? 0 : 1,
  }));
}
