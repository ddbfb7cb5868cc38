const DECIMAL = /^[\t-\r ]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[\t-\r ]*$/;

/**
 * The one number grammar of the system, for number conditions and number variations alike: an optional sign, digits with an
 * optional fraction (`5.` and `.5` too), an optional exponent, white space of ASCII around. No hexadecimal, no grouping by
 * commas.
 *
 * @returns the number, or `undefined` when the text is not of the grammar or too large to be finite.
 */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const PLATFORM_NUMBER = /^[\t-\r ]*([+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[\t-\r ]*\0*$/;
const INFINITY = /^\s*([+-]?)infinity\s*$/i;

/**
 * A number as FeatBit's own evaluator reads it: as {@link parseDecimal}, but with commas anywhere behind the first digit, and what
 * is too large, or says so, is infinite.
 */
export function parsePlatformNumber(text: string): number | undefined {
  const decimal = PLATFORM_NUMBER.exec(text)?.[1];
  if (decimal !== undefined) return Number(decimal.replaceAll(',', ''));
  const sign = INFINITY.exec(text)?.[1];
  if (sign === undefined) return undefined;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
