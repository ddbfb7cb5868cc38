import { isUser, type User } from 'fbclient/core';

/** A user as applications pass it: its key, and its attributes beside it. @returns `undefined` when it cannot be evaluated for. */
export function plainUserOf(given: unknown): User | undefined {
  return isUser(given) ? given : undefined;
}

/**
 * Makes the SDK's user of the one that the protocol sends.
 *
 * @returns `undefined` when it cannot be evaluated for.
 */
export function userOf(wire: unknown): User | undefined {
  if (typeof wire !== 'object' || wire === null) return undefined;
  const { keyId, name, customizedProperties } = wire as Readonly<Record<string, unknown>>;
  const properties: readonly unknown[] = Array.isArray(customizedProperties) ? customizedProperties : [];
  const attributes = properties.flatMap((property): [string, unknown][] => {
    const { name: attribute, value } = (property ?? {}) as { readonly name?: unknown; readonly value?: unknown };
    return typeof attribute === 'string' ? [[attribute, value]] : [];
  });
  const user = { ...Object.fromEntries(attributes), name, key: keyId };
  return isUser(user) ? user : undefined;
}
