/** The address of the call that saving a flag makes, for those who want to do it themselves. */
export function flagAddress(environment: string, key: string): string {
  return `/api/v1${inside(environment)}/flags/${encodeURIComponent(key)}`;
}

/** Of an environment, within the API. */
export function inside(environment: string): string {
  return `/environments/${encodeURIComponent(environment)}`;
}

/** The page after an entry. */
export function following(after: string | null): string {
  return after === null ? '' : `&after=${encodeURIComponent(after)}`;
}

/** Whether it is looked at, or done as it was looked at. */
export function stepOf(plan: string | undefined): string {
  return plan === undefined ? 'dryRun=true' : `plan=${plan}`;
}
