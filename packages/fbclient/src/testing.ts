/** fbclient/testing: flags for unit tests, without a server. */

import type { Client } from './client.js';
import type { AnyFlags, DefaultOf, FlagKey } from './evaluation/types.js';
import type { FlagDocument } from './protocol/documents.js';

/** Values by flag key: of the described types, or any JSON. */
export type TestValues<Flags extends object = AnyFlags> = { readonly [Key in keyof Flags]?: DefaultOf<Flags, Key> };

/** A value in the form in which the server would hold it. */
interface Served {
  readonly type: string;
  readonly text: string;
}

interface TestFlag {
  readonly everybody: Served;
  /** By user key. */
  readonly users: ReadonlyMap<string, Served>;
}

/** A flag's new state; `undefined` makes the flag unknown. */
type Change = readonly [flagKey: string, flag: TestFlag | undefined];

/** The id of the variation for everybody; the variations of users have other ids. */
const EVERYBODY = 'everybody';

/**
 * Flags that a test sets and changes, served by an offline client: no network, no timers, no events.
 *
 * A change is in use when the call returns. The promise that it returns resolves when the listeners have been called, and
 * never rejects. A change that is not possible throws, and then nothing has changed.
 */
export class TestFlags<Flags extends object = AnyFlags> {
  /** Without the flags' types: the compiler has checked keys and values before. */
  readonly #client: Client;
  readonly #flags = new Map<string, TestFlag>();

  /**
   * @param client an offline client. The flags of its bootstrap stay as they are until they are set or removed.
   * @param values see {@link set}.
   * @throws TypeError when the client is closed or not offline, or a value is no JSON.
   */
  constructor(client: Client<Flags>, values: TestValues<Flags> = {}) {
    this.#client = client as unknown as Client;
    void this.set(values);
  }

  /**
   * Gives flags a value for everybody. Other flags stay as they are.
   *
   * @throws TypeError when the client is closed, a flag key is blank or a value is no JSON.
   */
  set(values: TestValues<Flags>): Promise<void> {
    return this.#change(
      Object.entries<unknown>(values).map(([key, value]) => [
        key,
        { everybody: served(key, value), users: new Map<string, Served>() },
      ]),
    );
  }

  /**
   * Gives flags a value for one user; the others keep theirs. The flags must have a value for everybody already.
   *
   * @throws TypeError when the client is closed, the user key is blank, a value is no JSON, or a flag was not {@link set}.
   */
  setFor(userKey: string, values: TestValues<Flags>): Promise<void> {
    if (userKey.trim() === '') throw new TypeError('a user key must not be blank');
    return this.#change(
      Object.entries<unknown>(values).map(([key, value]) => {
        const flag = this.#flags.get(key);
        if (flag === undefined) {
          throw new TypeError(`the flag "${key}" has no value for everybody: give it one with set() before setFor()`);
        }
        return [key, { ...flag, users: new Map(flag.users).set(userKey, served(key, value)) }];
      }),
    );
  }

  /**
   * Makes flags unknown, those of a bootstrap included: evaluations return their defaults.
   *
   * @throws TypeError when the client is closed.
   */
  remove(...flagKeys: readonly FlagKey<Flags>[]): Promise<void> {
    return this.#change([...new Set(flagKeys)].map((key) => [key, undefined]));
  }

  #change(changes: readonly Change[]): Promise<void> {
    const client = this.#client;
    // Newer than everything that the client holds, whatever its source.
    const updatedAt = new Date(client.diagnostics().data.version + 1).toISOString();
    const featureFlags = changes.map(([key, flag]) => flagDocument(key, flag, updatedAt));
    const last = changes.findLast(([key, flag]) => flag !== undefined || client.isFlagKnown(key));
    const called = last === undefined ? undefined : this.#listenersOf(last[0]);
    const data = { eventType: 'patch', featureFlags, segments: [] };
    if (!client.initializeFromExternalJson({ messageType: 'data-sync', data })) {
      called?.stop();
      throw new TypeError('TestFlags needs a client that is offline and not closed: new FBClient({ offline: true })');
    }
    for (const [key, flag] of changes) {
      if (flag === undefined) this.#flags.delete(key);
      else this.#flags.set(key, flag);
    }
    return called?.done ?? Promise.resolve();
  }

  /** Listeners are called in the order of the changes, and for each flag in the order in which they were added: ours is last. */
  #listenersOf(flagKey: string): { readonly done: Promise<void>; readonly stop: () => void } {
    let stop = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      stop = this.#client.flagTracker.addFlagValueMaybeChangedListener(flagKey, { key: 'fbclient-testing' }, () => {
        stop();
        resolve();
      });
    });
    return { done, stop };
  }
}

function served(flagKey: string, value: unknown): Served {
  if (flagKey.trim() === '') throw new TypeError('a flag key must not be blank');
  if (typeof value === 'string') return { type: 'string', text: value };
  const text = typeof value === 'number' && !Number.isFinite(value) ? undefined : jsonOf(value);
  if (text === undefined) {
    const allowed = 'a text, a finite number, a boolean or JSON';
    throw new TypeError(`the flag "${flagKey}" cannot have this value: it must be ${allowed}`);
  }
  return { type: typeof value === 'object' ? 'json' : typeof value, text };
}

/** @returns `undefined` for a value that has no JSON. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The document of a flag without rules; an archived one when the flag is to be unknown. */
function flagDocument(key: string, flag: TestFlag | undefined, updatedAt: string): FlagDocument {
  const users = [...(flag?.users ?? [])].map(([userKey, { text }]) => ({
    userKey,
    id: `user ${userKey}`,
    value: text,
  }));
  return {
    key,
    updatedAt,
    isArchived: flag === undefined,
    isEnabled: true,
    variationType: flag?.everybody.type ?? 'string',
    variations: [
      { id: EVERYBODY, value: flag?.everybody.text ?? '' },
      ...users.map(({ id, value }) => ({ id, value })),
    ],
    targetUsers: users.map(({ userKey, id }) => ({ keyIds: [userKey], variationId: id })),
    rules: [],
    fallthrough: { includedInExpt: false, variations: [{ id: EVERYBODY, rollout: [0, 1], exptRollout: 1 }] },
    disabledVariationId: EVERYBODY,
    exptIncludeAllTargets: false,
  };
}
