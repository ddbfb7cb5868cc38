import type { ClientFlags } from '../evaluation/client-flags.js';
import type { LiveEnvironment } from '../live/environments.js';
import type { Reader, SyncStream } from '../live/stream.js';
import { type ClientMessage, decodeClientMessage, PONG_MESSAGE } from './client-message.js';
import { decodeClientSdkMessage } from './client-sdk-message.js';
import { UserStream } from './user-stream.js';

/** What an SDK has sent, as far as a connection deals with it. */
type Incoming =
  /** Something to which the reply is known already: a ping or an echo. */
  | { readonly type: 'reply'; readonly message: Buffer }
  /** A request for what the stream has after the cursor; the pushes that follow are that stream's. */
  | { readonly type: 'data-sync'; readonly cursor: number; readonly stream: SyncStream }
  | { readonly type: 'other' };

/** How an SDK of one kind is talked to. */
export interface Dialogue {
  read(text: string): Incoming;
  /** Joins a reader, which is woken after changes. @returns a function that lets it leave. */
  join(reader: Reader): () => void;
}

/** One for all that are told the same: there are thousands of connections. */
const serverDialogues = new WeakMap<SyncStream, Dialogue>();

/** With server SDKs, which are told everything. */
export function serverDialogue({ feed }: { readonly feed: SyncStream }): Dialogue {
  const known = serverDialogues.get(feed);
  if (known !== undefined) return known;
  const dialogue = serverDialogueOn(feed);
  serverDialogues.set(feed, dialogue);
  return dialogue;
}

function serverDialogueOn(feed: SyncStream): Dialogue {
  return {
    join: (reader) => feed.join(reader),
    read(text) {
      const message = decodeClientMessage(text);
      return message.type === 'data-sync' ? { ...message, stream: feed } : replyTo(message);
    },
  };
}

/** With browsers, each of which is told the values of its user: an identification is a request. */
export function clientDialogue(environment: LiveEnvironment, clientFlags: ClientFlags): Dialogue {
  return {
    join: (reader) => environment.changes.join(reader),
    read(text) {
      const message = decodeClientSdkMessage(text);
      if (message.type !== 'data-sync') return replyTo(message);
      const { cursor, user } = message;
      return { type: 'data-sync', cursor, stream: new UserStream(environment, clientFlags, user) };
    },
  };
}

function replyTo(message: Exclude<ClientMessage, { readonly type: 'data-sync' }>): Incoming {
  switch (message.type) {
    case 'ping':
      return { type: 'reply', message: PONG_MESSAGE };
    case 'echo':
      return { type: 'reply', message: Buffer.from(JSON.stringify({ messageType: 'echo', data: message.data })) };
    case 'other':
      return message;
  }
}
