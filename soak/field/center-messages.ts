import type { CenterOptions, Environment } from 'fbcenter';

/** What a scene asks of the process of a center. A lead is by how many milliseconds its clock is off from then on. */
export type CenterOrder =
  | { readonly order: 'start'; readonly options: CenterOptions; readonly lead: number }
  | { readonly order: 'clock'; readonly lead: number }
  | { readonly order: 'stop' };

/** What the process says. */
export type CenterReply =
  | { readonly reply: 'loaded' }
  | {
      readonly reply: 'listens';
      readonly url: string;
      readonly adminToken: string;
      readonly environments: readonly Environment[];
    };
