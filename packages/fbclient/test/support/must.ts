/** The value, which the test has made sure is there. */
export function must<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('the test expected something to be there');
  return value;
}
