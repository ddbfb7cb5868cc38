/** From here on not every whole number has a number of its own in JavaScript, nor in any other language that counts in doubles. */
const EXACT = 2 ** 53;

/**
 * What becomes of a number that is written as text, if that is another number: one beyond 2^53 with more digits than are kept, one too large for any,
 * or one so small that nothing is left.
 *
 * @param text a decimal number as JSON has it.
 * @returns `undefined` when it stays what it is.
 */
export function misreadNumber(text: string): string | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return 'infinite';
  if (value === 0) return /[1-9]/.test(mantissaOf(text)) ? '0' : undefined;
  if (Math.abs(value) < EXACT) return undefined;
  const kept = String(value);
  return digitsOf(kept) === digitsOf(text) ? undefined : kept;
}

function mantissaOf(text: string): string {
  return text.replace(/[eE].*$/, '');
}

/** The digits that say which number it is: without sign, point and the zeros at both ends. The exponent cannot differ. */
function digitsOf(text: string): string {
  return mantissaOf(text)
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
}
