import type { Repositories, Storage } from '../../src/storage/storage.js';

/** A storage that behaves like another except for some of its parts. */
export function replacing(storage: Storage, parts: Partial<Storage>): Storage {
  const { environments, secrets, documents, insights, experiments, experimentData, settings } = storage;
  const { audit, users, sessions, links, tokens, webhooks, triggers, changes } = storage;
  return {
    environments,
    secrets,
    documents,
    insights,
    experiments,
    experimentData,
    settings,
    audit,
    users,
    sessions,
    links,
    tokens,
    webhooks,
    triggers,
    changes,
    transact: (work) => storage.transact(work),
    watchOthers: (listener) => storage.watchOthers(listener),
    alone: (work) => storage.alone(work),
    ping: () => storage.ping(),
    close: () => storage.close(),
    ...parts,
  };
}

/** A storage of which one repository behaves otherwise, within transactions. */
export function replacingWithin<Name extends keyof Repositories>(
  storage: Storage,
  name: Name,
  methods: Partial<Repositories[Name]>,
): Storage {
  return replacing(storage, {
    transact: (work) =>
      storage.transact((transaction) => work({ ...transaction, [name]: { ...transaction[name], ...methods } })),
  });
}
