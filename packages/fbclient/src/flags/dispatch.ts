import { type AttributeReader, attributeReader } from '../users/attribute-readers.js';
import { isBlank } from '../users/blank.js';
import { attributeText, type User } from '../users/user.js';

/** The attribute that a rollout divides users by. */
export interface Dispatch {
  readonly attribute: string;
  readonly read: AttributeReader;
}

const BY_KEY: Dispatch = { attribute: 'keyId', read: attributeReader('keyId') };

/** @param dispatchKey a blank one means the user's key. */
export function dispatchBy(dispatchKey: string | null | undefined): Dispatch {
  if (dispatchKey == null || isBlank(dispatchKey)) return BY_KEY;
  return { attribute: dispatchKey, read: attributeReader(dispatchKey) };
}

/** The text that is hashed for a user; empty when the attribute is absent. */
export function dispatchText(dispatch: Dispatch, user: User): string {
  const value = dispatch.read(user);
  return typeof value === 'string' ? value : (attributeText(value) ?? '');
}
