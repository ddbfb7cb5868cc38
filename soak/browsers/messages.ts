/** What the processes of the run tell each other. */
export type FromCenter =
  | { readonly kind: 'ready'; readonly url: string; readonly clientSecret: string; readonly largeSecret: string }
  /** A flag was switched; the answer had come at this time. */
  | { readonly kind: 'switched'; readonly at: number; readonly answered: number; readonly version: number }
  | { readonly kind: 'memory'; readonly rss: number };

export type ToCenter = { readonly kind: 'switch' } | { readonly kind: 'memory' };

export type FromClients =
  | { readonly kind: 'connected'; readonly milliseconds: number; readonly bytes: number }
  /** Every connection has the change; the last one had it at this time. */
  | { readonly kind: 'reached'; readonly version: number; readonly last: number };

export type ToClients = {
  readonly url: string;
  readonly clientSecret: string;
  readonly connections: number;
  readonly offset: number;
};
