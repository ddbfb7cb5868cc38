/** A tally of nothing. */
export const NOTHING = { evaluations: [], metrics: [], identifications: 0, rejected: 0 };
/** How often a variation was served. */
export const evaluation = (flagKey: string, variationId: string, count = 1, experimentCount = 0) => ({
  flagKey,
  variationId,
  count,
  experimentCount,
});
/** What was measured under a name. */
export const metric = (eventName: string, ...values: number[]) => ({
  eventName,
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
});
