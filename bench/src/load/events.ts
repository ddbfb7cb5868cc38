/** Events of a request, as SDKs send them. */
export const BATCH = 50;
const USERS = 200_000;
/** Flags that have events. */
const FLAGS = 20;

/** What an SDK reports, in no format yet. */
export type DrawnEvent = { readonly user: string; readonly at: number } & (
  | { readonly kind: 'evaluation'; readonly flag: string; readonly isOn: boolean }
  | { readonly kind: 'metric'; readonly name: string; readonly value: number }
);

/** The events of one request: spread over users and flags, and the same in every run. Seven of ten are evaluations, the others metrics. */
export function drawEvents(request: number, flags: number): readonly DrawnEvent[] {
  const at = Date.now();
  return Array.from({ length: BATCH }, (_, index) => {
    const drawn = (request * BATCH + index) * 7_919;
    const user = `user-${drawn % USERS}`;
    if (index % 10 >= 7) return { kind: 'metric', user, at, name: 'purchase', value: (drawn % 9_900) / 100 };
    return { kind: 'evaluation', user, at, flag: `flag-${drawn % Math.min(flags, FLAGS)}`, isOn: drawn % 2 !== 0 };
  });
}
