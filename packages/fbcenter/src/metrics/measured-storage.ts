import { StorageError } from '../errors.js';
import type { Repositories, Storage } from '../storage/storage.js';

/** Hears of a call of the storage. */
type StorageObserver = (repository: string, result: 'done' | 'failed', milliseconds: number) => void;

/**
 * A storage that reports how long each of its calls has taken, by the repository. A transaction is one call; what is refused within one for reasons
 * of its own was no failure of the storage.
 */
export function measuredStorage(
  storage: Storage,
  observe: StorageObserver,
  now: () => number = () => performance.now(),
): Storage {
  const timed = <T>(repository: string, work: () => Promise<T>): Promise<T> => {
    const start = now();
    const result = work();
    result.then(
      () => observe(repository, 'done', now() - start),
      (error) => observe(repository, error instanceof StorageError ? 'failed' : 'done', now() - start),
    );
    return result;
  };
  const timedRepository = <R extends object>(name: string, repository: R): R =>
    new Proxy(repository, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return (...parameters: readonly unknown[]) =>
          timed(name, () => Reflect.apply(member, target, parameters) as Promise<unknown>);
      },
    });
  const repositories: Repositories = {
    environments: timedRepository('environments', storage.environments),
    secrets: timedRepository('secrets', storage.secrets),
    documents: timedRepository('documents', storage.documents),
    insights: timedRepository('insights', storage.insights),
    experiments: timedRepository('experiments', storage.experiments),
    experimentData: timedRepository('experimentData', storage.experimentData),
    settings: timedRepository('settings', storage.settings),
    audit: timedRepository('audit', storage.audit),
    users: timedRepository('users', storage.users),
    sessions: timedRepository('sessions', storage.sessions),
    links: timedRepository('links', storage.links),
    tokens: timedRepository('tokens', storage.tokens),
    webhooks: timedRepository('webhooks', storage.webhooks),
    triggers: timedRepository('triggers', storage.triggers),
  };
  return {
    ...repositories,
    changes: storage.changes,
    transact: (work) => timed('transaction', () => storage.transact(work)),
    watchOthers: (listener) => storage.watchOthers(listener),
    alone: (work) => storage.alone(work),
    ping: () => timed('ping', () => storage.ping()),
    close: () => storage.close(),
  };
}
