import { parseDecimal } from '../protocol/decimal.js';
import type { VariationDocument } from '../protocol/documents.js';

/** A value of a JSON variation; frozen to its depth. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** The types that a variation's value can be asked for as. */
export type ValueType = 'boolean' | 'string' | 'number' | 'json';

const NOT_JSON = Symbol('not JSON');

/** One variation of a flag, with its value converted at most once per type. */
export class Variation {
  readonly id: string;
  /** The text that the server holds, whatever the flag's type. */
  readonly value: string;
  #json: JsonValue | typeof NOT_JSON | undefined;

  constructor(id: string, value: string) {
    this.id = id;
    this.value = value;
  }

  /** The value as a type; `undefined` when it cannot be converted. The flag's own type does not matter here. */
  as(type: ValueType): JsonValue | undefined {
    switch (type) {
      case 'string':
        return this.value;
      case 'boolean':
        return toBoolean(this.value);
      case 'number':
        return parseDecimal(this.value);
      case 'json':
        return this.json();
    }
  }

  private json(): JsonValue | undefined {
    this.#json ??= parseFrozen(this.value);
    return this.#json === NOT_JSON ? undefined : this.#json;
  }
}

/** The variations of a flag, each made when something serves it: most flags never serve one of their two. */
export class Variations {
  readonly #documents: readonly VariationDocument[];
  readonly #made: Variation[] = [];

  /** @param documents where an id comes twice, the first counts. */
  constructor(documents: readonly VariationDocument[]) {
    this.#documents = documents;
  }

  /** The same object each time. */
  find(wanted: string): Variation | undefined {
    for (const made of this.#made) if (made.id === wanted) return made;
    for (const { id, value } of this.#documents) {
      if (id !== wanted) continue;
      const variation = new Variation(id, value);
      this.#made.push(variation);
      return variation;
    }
    return undefined;
  }
}

function toBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

function parseFrozen(text: string): JsonValue | typeof NOT_JSON {
  try {
    return deepFreeze(JSON.parse(text) as JsonValue);
  } catch {
    return NOT_JSON;
  }
}

/** All callers share one parsed value, so it is frozen. The loop has its own stack, because the depth comes from outside. */
function deepFreeze(root: JsonValue): JsonValue {
  const pending: JsonValue[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    Object.freeze(value);
    for (const child of Object.values(value)) pending.push(child);
  }
  return root;
}
