import type { ClientFlags } from '../evaluation/client-flags.js';
import type { LiveEnvironment } from '../live/environments.js';
import type { Reader, SyncStream } from '../live/stream.js';
import { decodeClientMessage } from './client-message.js';
import { decodeClientSdkMessage } from './client-sdk-message.js';
import { UserStream } from './user-stream.js';

/** What an SDK has sent, as far as a connection deals with it. */
type Incoming =
  | { readonly type: 'ping' }
  /** To be sent back as it is. */
  | { readonly type: 'echo'; readonly message: Buffer }
  /** A request for what the stream has after the cursor; the pushes that follow are that stream's. */
  | { readonly type: 'data-sync'; readonly cursor: number; readonly stream: SyncStream }
  | { readonly type: 'other' };

/** How an SDK of one kind is talked to. */
export interface Dialogue {
  read(text: string): Incoming;
  /** Joins a reader, which is woken after changes. @returns a function that lets it leave. */
  join(reader: Reader): () => void;
  /**
   * Whether each request gets its answer, and a ping or an echo waits for the answers to what was asked before it; otherwise only the last of
   * the requests that wait counts, and the rest is answered at once, whatever is on its way.
   */
  readonly isInOrder: boolean;
}

/** One for all that are told the same: there are thousands of connections. */
const serverDialogues = new WeakMap<SyncStream, Dialogue>();

/** With server SDKs, which are told everything: of several requests only the last counts. */
export function serverDialogue({ feed }: { readonly feed: SyncStream }): Dialogue {
  const known = serverDialogues.get(feed);
  if (known !== undefined) return known;
  const dialogue = serverDialogueOn(feed);
  serverDialogues.set(feed, dialogue);
  return dialogue;
}

function serverDialogueOn(feed: SyncStream): Dialogue {
  return {
    isInOrder: false,
    join: (reader) => feed.join(reader),
    read(text) {
      const message = decodeClientMessage(text);
      if (message.type === 'echo') return { type: 'echo', message: echoOf(message.data) };
      return message.type === 'data-sync' ? { ...message, stream: feed } : message;
    },
  };
}

/** With browsers, each of which is told the values of its user: an identification is a request, and waits for its own answer. */
export function clientDialogue(environment: LiveEnvironment, clientFlags: ClientFlags): Dialogue {
  return {
    isInOrder: true,
    join: (reader) => environment.changes.join(reader),
    read(text) {
      const message = decodeClientSdkMessage(text);
      if (message.type === 'echo') return { type: 'echo', message: echoOf(message.data) };
      if (message.type !== 'data-sync') return message;
      const { cursor, user } = message;
      return { type: 'data-sync', cursor, stream: new UserStream(environment, clientFlags, user) };
    },
  };
}

function echoOf(data: unknown): Buffer {
  return Buffer.from(JSON.stringify({ messageType: 'echo', data }));
}
