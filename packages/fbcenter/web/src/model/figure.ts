let format: Intl.NumberFormat | undefined;

/** `12,345`. What formats is made once, when the first number needs a comma: it takes longer than the rest of a row. */
export function figure(number: number): string {
  if (Number.isInteger(number) && Math.abs(number) < 1_000) return String(number);
  format ??= new Intl.NumberFormat('en');
  return format.format(number);
}
