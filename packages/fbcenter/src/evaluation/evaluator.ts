import { compileDataSyncNow, Failure, FlagStore, isUser, Occasion, type User } from 'fbclient/core';
import type { Storage } from '../storage/storage.js';

/** Which flags are evaluated: those that pass both, where given. */
export interface FlagFilter {
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Whether a flag must have all of the tags (`and`) or one of them (`or`). */
  readonly tagFilterMode: 'and' | 'or';
}

/** What a user gets of a flag; id and value are null when the flag is archived or cannot be evaluated. */
export interface EvaluatedFlag {
  readonly key: string;
  readonly variation: {
    readonly id: string | null;
    readonly type: string;
    readonly value: string | null;
    readonly matchReason: 'Off' | 'TargetMatch' | 'RuleMatch' | 'Fallthrough' | 'Archived' | 'Error';
    readonly sendToExperiment: boolean;
  };
}

/** What the compiled flag does not keep. */
interface Facts {
  readonly version: number;
  readonly type: string;
  readonly tags: readonly string[];
}

interface Environment {
  readonly store: FlagStore;
  readonly facts: Map<string, Facts>;
}

/** Evaluates flags in the center, with the SDK's own evaluation. */
export class Evaluator {
  readonly #storage: Storage;
  readonly #environments = new Map<string, Environment>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** @returns the flags that pass the filter, in no particular order; keys that no flag has are left out. */
  async evaluate(environmentId: string, user: User, filter: FlagFilter): Promise<readonly EvaluatedFlag[]> {
    const { store, facts } = await this.#upToDate(environmentId);
    const results: EvaluatedFlag[] = [];
    const keys = filter.keys === undefined ? facts.keys() : new Set(filter.keys);
    for (const key of keys) {
      const known = facts.get(key);
      if (known !== undefined && passes(known.tags, filter)) results.push(evaluateOne(store, key, known.type, user));
    }
    return results;
  }

  /** Compiles what has changed since the last call; asking the storage keeps this right whoever changed it. */
  async #upToDate(environmentId: string): Promise<Environment> {
    const environment = this.#environments.get(environmentId) ?? { store: new FlagStore(), facts: new Map() };
    this.#environments.set(environmentId, environment);
    const { store, facts } = environment;
    const changes = await this.#storage.changesSince(environmentId, store.cursor);
    const { documents } = changes ?? (await this.#storage.snapshot(environmentId));
    if (documents.length === 0) return environment;
    const featureFlags: unknown[] = [];
    const segments: unknown[] = [];
    for (const { kind, key, version, text } of documents) {
      const document = JSON.parse(text);
      (kind === 'flag' ? featureFlags : segments).push(document);
      // Calls overlap: an older answer may be worked on after a newer one.
      if (kind === 'flag' && version > (facts.get(key)?.version ?? 0)) {
        facts.set(key, { version, type: document.variationType, tags: document.tags });
      }
    }
    store.commit(compileDataSyncNow({ eventType: 'patch', featureFlags, segments }, 'no-match').changes);
    return environment;
  }
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

function evaluateOne(store: FlagStore, key: string, type: string, user: User): EvaluatedFlag {
  const flag = store.flag(key);
  const served = flag?.evaluate(new Occasion(user, store));
  if (served === undefined || served instanceof Failure) {
    const matchReason = flag === undefined ? 'Archived' : 'Error';
    return { key, variation: { id: null, type, value: null, matchReason, sendToExperiment: false } };
  }
  const { variation, reason } = served;
  const sendToExperiment = served.sendToExperiment(user);
  return { key, variation: { id: variation.id, type, value: variation.value, matchReason: reason, sendToExperiment } };
}

function passes(tags: readonly string[], { tags: wanted, tagFilterMode }: FlagFilter): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const has = (tag: string) => tags.includes(tag);
  return tagFilterMode === 'and' ? wanted.every(has) : wanted.some(has);
}
