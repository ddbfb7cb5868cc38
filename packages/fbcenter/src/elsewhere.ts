import type { ExperimentService } from './experiments/service.js';
import type { Usages } from './live/usage.js';
import { errorText, type Logger } from './runtime/log.js';
import type { ForeignChange, Storage } from './storage/storage.js';
import type { StreamingHub } from './streaming/hub.js';

export interface ElsewhereParts {
  readonly storage: Pick<Storage, 'watchOthers' | 'environments' | 'secrets'>;
  readonly hub: Pick<StreamingHub, 'revoke' | 'secretIds'>;
  readonly experiments: Pick<ExperimentService, 'refresh'> & {
    readonly reach: Pick<ExperimentService['reach'], 'forget'>;
  };
  readonly usages: Pick<Usages, 'reset' | 'resetAll'>;
  readonly log: Logger;
  /** Ends the streams of those who may not have them any more. */
  judgeStreams(): Promise<void>;
}

/**
 * Does here what follows from a change that another center on the same database has made, besides documents: whoever was shut out there is out here
 * too.
 *
 * @returns a function that ends it.
 */
export function followOthers(parts: ElsewhereParts): () => void {
  return parts.storage.watchOthers((change) => {
    react(change, parts).catch((error: unknown) =>
      parts.log.warn('what another center has changed could not be taken over', { error: errorText(error) }),
    );
  });
}

async function react(change: ForeignChange, parts: ElsewhereParts): Promise<void> {
  const { hub, experiments, usages } = parts;
  switch (change.kind) {
    case 'secret-removed':
      return hub.revoke(change.id);
    case 'access':
      return parts.judgeStreams();
    case 'experiments':
      return experiments.refresh(change.environmentId);
    case 'insights':
      experiments.reach.forget(change.environmentId);
      return usages.reset(change.environmentId);
    case 'missed':
      usages.resetAll();
      await Promise.all([parts.judgeStreams(), revokeMissing(parts), experiments.refresh()]);
  }
}

/** Ends the connections of secrets that are gone. */
async function revokeMissing({ storage, hub }: ElsewhereParts): Promise<void> {
  const known = new Set<string>();
  for (const { id } of await storage.environments.list()) {
    for (const secret of await storage.secrets.list(id)) known.add(secret.id);
  }
  for (const id of hub.secretIds()) if (!known.has(id)) hub.revoke(id);
}
