import stringWidth from 'string-width';

/** What is drawn as one, such as a letter with its accents or a flag of two letters. */
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The columns that texts take in a terminal. Chinese, Japanese and Korean characters and emoji take two each, accents that are
 * written apart none: counted as characters, a table would lean wherever somebody has such a name.
 */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** A text of at most so many columns; what is cut off is `…` instead. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of SEGMENTER.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** A text with as many spaces behind it as fill so many columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
