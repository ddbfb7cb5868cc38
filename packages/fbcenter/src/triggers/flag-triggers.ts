import { Attempts } from '../access/attempts.js';
import { digestOf, newCode } from '../access/credentials.js';
import { LoginLimit, type LoginVerdict } from '../access/login-limit.js';
import { makeEdit } from '../documents/edit.js';
import { toggle } from '../documents/edits.js';
import type { Actor } from '../model/actor.js';
import type { AuditDraft, ChangeNote } from '../model/audit.js';
import type { StoredDocument } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Trigger, TriggerAction } from '../model/trigger.js';
import type { Clock } from '../runtime/clock.js';
import { GatheredChanges } from '../runtime/gathered-changes.js';
import type { Storage, Transaction } from '../storage/storage.js';

/** By what people, and programs that look for leaked credentials, recognise the token of a trigger. */
const PREFIX = 'fbt_';
/** How much of it is shown in lists: 36 of its 256 bits. */
const SHOWN = PREFIX.length + 6;
/** An alert, a dashboard and a script for each direction are a handful. */
const MAX_TRIGGERS = 20;
/** How often a trigger may be used, in a window of so many milliseconds: each use may be a change that all SDKs are sent. */
const MOST_USES = 60;
const WINDOW = 60_000;
/** Triggers whose uses are counted at a time. */
const COUNTED = 10_000;

interface TriggerParts {
  readonly storage: Pick<Storage, 'triggers' | 'documents' | 'audit' | 'transact'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Who does something about the triggers of a flag. */
interface TriggerAuthorship {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly flagKey: string;
  readonly by: Actor;
  readonly note: ChangeNote;
}

/** What came of a use of a trigger. */
type TriggerOutcome =
  | { readonly kind: 'done'; readonly document: StoredDocument }
  /** No trigger has this token, or it is switched off. */
  | { readonly kind: 'unknown' }
  /** In seconds. */
  | { readonly kind: 'too-many'; readonly retryAfter: number };

/** The triggers of flags: addresses by which programs switch them that cannot do more than ask for an address. */
export class FlagTriggers {
  /** Flags whose triggers have changed, or were used, by their keys. */
  readonly changes = new GatheredChanges();
  readonly #parts: TriggerParts;
  readonly #guesses = new LoginLimit();
  readonly #uses = new Attempts(WINDOW, COUNTED);

  constructor(parts: TriggerParts) {
    this.#parts = parts;
  }

  list({ id }: Pick<Environment, 'id'>, flagKey?: string): Promise<readonly Trigger[]> {
    return this.#parts.storage.triggers.list(id, flagKey);
  }

  /** @returns the token itself, which is kept nowhere, and what is kept. @throws Refusal `limit-reached`, `not-found` */
  async make(
    wanted: { readonly name: string; readonly action: TriggerAction },
    authorship: TriggerAuthorship,
  ): Promise<{ readonly token: string; readonly trigger: Trigger }> {
    const { environment, flagKey, by } = authorship;
    return this.#transact(authorship, async (transaction) => {
      const { documents, triggers } = transaction;
      if ((await triggers.list(environment.id, flagKey)).length >= MAX_TRIGGERS) {
        throw new Refusal('limit-reached', `A flag takes ${MAX_TRIGGERS} triggers: remove one first.`);
      }
      if ((await documents.version(environment.id, 'flag', flagKey)) === undefined) {
        throw new Refusal('not-found', 'There is no such flag in this environment.');
      }
      const { token, kept } = newToken();
      const draft = { ...wanted, environmentId: environment.id, flagKey, start: kept.start, createdBy: by.name };
      const trigger = await triggers.add(draft, kept.digest);
      await write(transaction, authorship, { action: 'create', name: trigger.name, after: stateOf(trigger) });
      return { token, trigger };
    });
  }

  async change(
    id: string,
    change: { readonly name?: string; readonly isEnabled?: boolean },
    authorship: TriggerAuthorship,
  ): Promise<Trigger> {
    return this.#transact(authorship, async (transaction) => {
      const before = await find(transaction, authorship, id);
      const after = (await transaction.triggers.change(id, change)) ?? missing();
      const states = { before: stateOf(before), after: stateOf(after) };
      await write(transaction, authorship, { action: 'update', name: after.name, ...states });
      return after;
    });
  }

  /** A new token; the one before it counts no more. */
  async renew(
    id: string,
    authorship: TriggerAuthorship,
  ): Promise<{ readonly token: string; readonly trigger: Trigger }> {
    return this.#transact(authorship, async (transaction) => {
      await find(transaction, authorship, id);
      const { token, kept } = newToken();
      const trigger = (await transaction.triggers.change(id, { token: kept })) ?? missing();
      await write(transaction, authorship, { action: 'renew-token', name: trigger.name, after: stateOf(trigger) });
      return { token, trigger };
    });
  }

  async remove(id: string, authorship: TriggerAuthorship): Promise<void> {
    await this.#transact(authorship, async (transaction) => {
      const trigger = await find(transaction, authorship, id);
      await transaction.triggers.remove(id);
      await write(transaction, authorship, { action: 'delete', name: trigger.name, before: stateOf(trigger) });
    });
  }

  /**
   * Does what a trigger is for; nothing when the flag is like that already. It counts as a use in both cases.
   *
   * @throws Refusal when the flag cannot be switched, such as one that is archived.
   */
  async use(token: string, address: string | undefined, elapsed = performance.now()): Promise<TriggerOutcome> {
    const { storage, clock } = this.#parts;
    const found = token.startsWith(PREFIX) ? await storage.triggers.byDigest(digestOf(token)) : undefined;
    const verdict: LoginVerdict = this.#guesses.judge(address, found !== undefined, elapsed);
    if (verdict.kind === 'too-many') return verdict;
    if (found === undefined || verdict.kind === 'refused' || !found.trigger.isEnabled) return { kind: 'unknown' };
    const { trigger, environment } = found;
    if (this.#uses.count(trigger.id, elapsed) >= MOST_USES) {
      return { kind: 'too-many', retryAfter: this.#uses.secondsLeft(trigger.id, elapsed) };
    }
    this.#uses.add(trigger.id, elapsed);
    const by: Actor = { kind: 'trigger', id: trigger.id, name: trigger.name };
    const wanted = trigger.action === 'toggle' ? undefined : trigger.action === 'on';
    const { document } = await makeEdit(storage, toggle({ environment, key: trigger.flagKey, by }, wanted));
    await storage.triggers.used(trigger.id, clock.now());
    this.changes.note(environment.id, trigger.flagKey);
    return { kind: 'done', document };
  }

  /** Changes the triggers of a flag, and says so. */
  async #transact<T>(
    { environment, flagKey }: TriggerAuthorship,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const result = await this.#parts.storage.transact(work);
    this.changes.note(environment.id, flagKey);
    return result;
  }
}

function newToken() {
  const token = PREFIX + newCode();
  return { token, kept: { digest: digestOf(token), start: token.slice(0, SHOWN) } };
}

async function find(
  { triggers }: Pick<Storage, 'triggers'>,
  { environment, flagKey }: TriggerAuthorship,
  id: string,
): Promise<Trigger> {
  return (await triggers.list(environment.id, flagKey)).find((trigger) => trigger.id === id) ?? missing();
}

function missing(): never {
  throw new Refusal('not-found', 'The flag has no such trigger: it may be removed already.');
}

type What = Pick<AuditDraft, 'action' | 'before' | 'after'> & { readonly name: string };

async function write({ audit }: Transaction, authorship: TriggerAuthorship, { name, ...what }: What): Promise<void> {
  const { environment, by, note } = authorship;
  const subject = { kind: 'trigger', key: name, environment: environment.key };
  await audit.append({ ...note, actor: by, ...what, subject });
}

/** What is of interest of a trigger. */
function stateOf({ id, flagKey, name, action, start, isEnabled }: Trigger): JsonObject {
  return { id, flag: flagKey, name, action, start, isEnabled };
}
