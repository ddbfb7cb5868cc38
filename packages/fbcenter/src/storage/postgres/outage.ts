import { StorageError } from '../../errors.js';
import type { Repositories } from '../storage.js';
import type { Follower } from './follower.js';
import type { Replica } from './replica.js';

/** Answers that are remembered; of more, all are forgotten. */
const MAX_REMEMBERED = 20_000;

/**
 * What the database has said of those who ask all the time: secrets, sessions, tokens, environments. It is asked every time, so that what is revoked
 * is refused at once, by every center; what is remembered counts only while the database does not answer.
 */
export class Memory {
  readonly #isClosed: () => boolean;
  readonly #answers = new Map<string, unknown>();

  /** @param isClosed whether the storage is to answer nothing any more. */
  constructor(isClosed: () => boolean) {
    this.#isClosed = isClosed;
  }

  /** Asks, and remembers the answer. */
  async ask<T>(name: string, ask: () => Promise<T>): Promise<T> {
    return this.orElse(
      async () => {
        const answer = await ask();
        if (this.#answers.size >= MAX_REMEMBERED) this.#answers.clear();
        if (answer === undefined) this.#answers.delete(name);
        else this.#answers.set(name, answer);
        return answer;
      },
      () => this.#answers.get(name) as T | undefined,
    );
  }

  /** Asks, and takes what is at hand when there is no answer. */
  async orElse<T>(ask: () => Promise<T>, atHand: () => T | undefined): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof StorageError && error.code === 'storage-unavailable' && !this.#isClosed();
      const answer = isAway ? atHand() : undefined;
      if (answer === undefined) throw error;
      return answer;
    }
  }

  /** Somebody's access has changed, here or elsewhere. */
  forget(): void {
    this.#answers.clear();
  }
}

type ReadingOn = Pick<Repositories, 'environments' | 'secrets' | 'documents' | 'sessions' | 'tokens'>;

/** Repositories that go on to answer from memory while the database does not. Nothing is written there. */
export function readingOn(own: Repositories, memory: Memory, follower: Follower): ReadingOn {
  const { environments, secrets, documents, sessions, tokens } = own;
  // What is not there is no answer here: it may be that it was never asked for.
  const fromReplica = <T>(id: string, ask: () => Promise<T>, read: (replica: Replica) => T): Promise<T> => {
    const atHand = () => {
      const replica = follower.replicaOf(id);
      return replica && { answer: read(replica) };
    };
    return memory.orElse(async () => ({ answer: await ask() }), atHand).then(({ answer }) => answer);
  };
  return {
    environments: {
      ...environments,
      list: () => memory.ask('environments', () => environments.list()),
      byKey: (key) => memory.ask(`environment ${key}`, () => environments.byKey(key)),
    },
    secrets: { ...secrets, byValue: (value) => memory.ask(`secret ${value}`, () => secrets.byValue(value)) },
    sessions: { ...sessions, byDigest: (digest) => memory.ask(`session ${digest}`, () => sessions.byDigest(digest)) },
    tokens: { ...tokens, byDigest: (digest) => memory.ask(`token ${digest}`, () => tokens.byDigest(digest)) },
    documents: {
      ...documents,
      get: (id, kind, key) =>
        fromReplica(
          id,
          () => documents.get(id, kind, key),
          (replica) => replica.get(kind, key),
        ),
      version: (id, kind, key) =>
        fromReplica(
          id,
          () => documents.version(id, kind, key),
          (replica) => replica.get(kind, key)?.version,
        ),
      list: (id, kind, query) =>
        fromReplica(
          id,
          () => documents.list(id, kind, query),
          (replica) => replica.list(kind, query),
        ),
      usage: (id) =>
        fromReplica(
          id,
          () => documents.usage(id),
          (replica) => replica.usage(),
        ),
    },
  };
}
