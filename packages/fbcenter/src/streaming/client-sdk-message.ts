import type { User } from 'fbclient/core';
import { clientUserOf } from '../evaluation/wire-user.js';
import { isJsonObject } from '../model/json.js';
import { receivedJson } from '../model/received-json.js';
import { typeNameIn } from './client-message.js';

/** A message from a browser's SDK, or another one that is told values. */
export type ClientSdkMessage =
  | { readonly type: 'ping' }
  | { readonly type: 'echo'; readonly data: unknown }
  | {
      readonly type: 'data-sync';
      /** The greatest time among the flags that it holds for this user; 0 = nothing, negative = send everything as a patch. */
      readonly cursor: number;
      readonly user: User;
    }
  /** Nothing that is answered. */
  | { readonly type: 'other' };

const OTHER: ClientSdkMessage = { type: 'other' };

/** Reads a message; whatever cannot be read, or has a user that cannot be used, is `other`. */
export function decodeClientSdkMessage(text: string): ClientSdkMessage {
  const message = receivedJson(text);
  // The member must be there, whatever it holds.
  if (!isJsonObject(message) || !('data' in message)) return OTHER;
  switch (typeNameIn(message)) {
    case 'ping':
      return { type: 'ping' };
    case 'echo':
      return { type: 'echo', data: message.data };
    case 'data-sync':
      return readRequest(message.data);
    default:
      return OTHER;
  }
}

function readRequest(data: unknown): ClientSdkMessage {
  if (!isJsonObject(data)) return OTHER;
  const user = clientUserOf(data.user);
  const { timestamp = 0 } = data;
  if (typeof user === 'string' || typeof timestamp !== 'number') return OTHER;
  return { type: 'data-sync', cursor: clientCursor(timestamp), user };
}

/** FeatBit reads a fraction, and what is beyond 64 bits, as nothing. */
export function clientCursor(timestamp: number): number {
  return Number.isInteger(timestamp) && Math.abs(timestamp) < 2 ** 63 ? timestamp : 0;
}
