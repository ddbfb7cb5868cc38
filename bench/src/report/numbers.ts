/** Three digits that matter, two below a tenth, with thousands separated: 1,234,567 -> "1,230,000"; 12.345 -> "12.3". */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const exact = Number(value.toPrecision(3));
  const decimals = decimalsOf(Math.abs(exact));
  return exact.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function decimalsOf(number: number): number {
  if (number >= 100 || Number.isInteger(number)) return 0;
  if (number >= 10) return 1;
  return number >= 0.1 ? 2 : 3;
}

/** A time in nanoseconds with its unit. */
export function duration(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${rounded(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${rounded(nanoseconds / 1e3)} µs`;
  return `${rounded(nanoseconds / 1e6)} ms`;
}

/** A size in bytes with its unit. */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${rounded(bytes)} B`;
  return bytes < 1e6 ? `${rounded(bytes / 1e3)} kB` : `${rounded(bytes / 1e6)} MB`;
}

/** How many times as much. */
export function times(ratio: number): string {
  return `${rounded(ratio)}×`;
}
