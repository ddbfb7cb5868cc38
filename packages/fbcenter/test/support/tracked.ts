/** How many events of a request were taken, and how many could not be understood, as the headers of its answer say. */
export function trackedCounts(headers: Headers | Readonly<Record<string, string | readonly string[]>>): {
  readonly accepted: number;
  readonly rejected: number;
} {
  const count = (name: string) =>
    Number((headers instanceof Headers ? headers.get(name) : headers[name]) ?? Number.NaN);
  return { accepted: count('x-insights-accepted'), rejected: count('x-insights-rejected') };
}
