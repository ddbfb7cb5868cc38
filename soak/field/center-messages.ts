import type { Environment } from 'fbcenter';

/** What a scene asks of the process of a center: its clock is off by so many milliseconds from now on; or it stops. */
export type CenterOrder = { readonly order: 'clock'; readonly lead: number } | { readonly order: 'stop' };

/** What the process says when it listens. */
export interface CenterReply {
  readonly url: string;
  readonly adminToken: string;
  readonly environments: readonly Environment[];
}
