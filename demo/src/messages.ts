/** What the shop tells its parent process. */
export type ShopMessage =
  | { readonly type: 'started'; readonly result: string; readonly milliseconds: number }
  /** A flag changed; `at` is when the SDK's listener was called, in Unix milliseconds with a fraction; `shares` is who gets what now. */
  | { readonly type: 'changed'; readonly flagKey: string; readonly at: number; readonly shares: string }
  | { readonly type: 'status'; readonly status: string; readonly problem?: string }
  | { readonly type: 'second'; readonly evaluations: number; readonly visitors: number; readonly purchases: number };
