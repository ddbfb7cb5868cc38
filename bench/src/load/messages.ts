/** What a center is started with. */
export interface CenterSettings {
  readonly flags: number;
  readonly folder?: string;
  readonly database?: string;
}

/** What a process has taken so far. */
export interface Usage {
  /** Microseconds of processor time. */
  readonly cpu: number;
  /** Bytes that are resident. */
  readonly rss: number;
}

/** What a center says: first where it is, then, whenever it is asked, what it has taken. */
export type FromCenter =
  | { readonly kind: 'ready'; readonly url: string; readonly token: string; readonly secret: string }
  | ({ readonly kind: 'usage' } & Usage);

/** The same of a server that only writes; it is asked for a push, too. */
export type FromBare = { readonly kind: 'listening'; readonly port: number } | ({ readonly kind: 'usage' } & Usage);
export type ToBare = 'push' | 'usage';

/** What clients open: a WebSocket as SDKs of a center do, or a stream of server-sent events. */
export type Stream =
  | { readonly kind: 'websocket'; readonly secret: string }
  | { readonly kind: 'events'; readonly path: string };

/** What a process of clients is to do. */
export type ToClients =
  | {
      readonly kind: 'connect';
      readonly port: number;
      readonly stream: Stream;
      readonly count: number;
      /** The last number of the first address of its own: 127.0.0.x. */
      readonly address: number;
      readonly offersDeflate: boolean;
    }
  | { readonly kind: 'report' };

export type FromClients =
  /** Everybody has everything. */
  | {
      readonly kind: 'synced';
      /** Bytes that have come to all of them, and to one. */
      readonly bytes: number;
      readonly messageBytes: number;
      /** Connections that were cut meanwhile, and made anew. */
      readonly cut: number;
      readonly seconds: number;
    }
  /** Everybody has had a push since the last report, at these times of {@link monotonic}. */
  | { readonly kind: 'pushed'; readonly at: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Milliseconds since the machine was started, the same in all of its processes. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
