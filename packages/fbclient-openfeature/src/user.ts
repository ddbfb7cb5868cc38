import type { EvaluationContext } from '@openfeature/server-sdk';
import type { FBUser, UserAttribute } from 'fbclient';

/** Fields of a context that say who the user is; the first that is there is the key. */
const KEY_FIELDS = ['targetingKey', 'key', 'keyId'] as const;

/** A user of fbclient, or why a context is none. */
export type ContextUser =
  | { readonly user: FBUser }
  | { readonly user?: never; readonly problem: 'no-key' | 'key-is-no-text' };

/**
 * Makes a user of an evaluation context.
 *
 * - `targetingKey`, otherwise `key`, otherwise `keyId`, is the key.
 * - Text, numbers and booleans are attributes as they are, dates as ISO 8601, lists and objects as JSON; `null`, and what has
 *   no such form, is left out.
 * - The fields of `custom`, an object or a list of `{ name, value }`, are attributes too: FeatBit's own provider has it so. A
 *   field of the context itself comes first.
 */
export function userOf(context: EvaluationContext): ContextUser {
  const field = KEY_FIELDS.find((name) => context[name] !== undefined && context[name] !== null);
  const key = field === undefined ? '' : context[field];
  if (typeof key !== 'string') return { problem: 'key-is-no-text' };
  if (key.trim() === '') return { problem: 'no-key' };
  // From entries, not assigned: an attribute may be called `__proto__`.
  const entries = [...entriesIn(context.custom), ...Object.entries(context)].flatMap(([name, value]) => {
    if (name === 'custom' || KEY_FIELDS.some((known) => known === name)) return [];
    const attribute = attributeOf(value);
    return attribute === undefined ? [] : [[name, name === 'name' ? String(attribute) : attribute] as const];
  });
  return { user: { ...Object.fromEntries(entries), key } };
}

function entriesIn(custom: unknown): readonly (readonly [string, unknown])[] {
  if (!Array.isArray(custom)) return typeof custom === 'object' && custom !== null ? Object.entries(custom) : [];
  return custom.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('name' in item) || !('value' in item)) return [];
    return typeof item.name === 'string' ? [[item.name, item.value] as const] : [];
  });
}

function attributeOf(value: unknown): UserAttribute {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    case 'object':
      if (value === null) return undefined;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
      return jsonOf(value);
    default:
      return undefined;
  }
}

/** @returns `undefined` for what has no JSON, such as an object that holds itself. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
