const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The one number grammar of the system, for number conditions and number variations alike: an optional sign, digits with
 * an optional fraction, an optional exponent; no spaces, no hex, no grouping.
 *
 * @returns the number, or `undefined` when the text is not of the grammar or too large to be finite.
 */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
