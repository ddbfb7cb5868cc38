import { describe, expect } from 'vitest';
import { aDraft, anEnvironment } from '../../support/environments.js';
import { FakeClock } from '../../support/fake-clock.js';
import { auditContract } from './audit.js';
import { changesContract } from './changes.js';
import { documentsContract } from './documents.js';
import { environmentsContract } from './environments.js';
import { evaluationHistoryContract } from './evaluation-history.js';
import { experimentsContract } from './experiments.js';
import { insightsContract } from './insights.js';
import { lifecycleContract } from './lifecycle.js';
import { secretsContract } from './secrets.js';
import {
  KEPT_VERSIONS,
  LIMITS,
  MAX_WAITING,
  type SetUp,
  type StorageOptions,
  type StorageUnderTest,
} from './subject.js';
import { transactionsContract } from './transactions.js';
import { triggersContract } from './triggers.js';
import { usersContract } from './users.js';
import { webhooksContract } from './webhooks.js';

/** What every storage must do; run it once for each implementation. */
export function storageContract(name: string, open: (options: StorageOptions) => Promise<StorageUnderTest>): void {
  const setUp: SetUp = async (insightLimits = LIMITS) => {
    const clock = new FakeClock();
    const opened = await open({ clock, insightLimits, keptVersions: KEPT_VERSIONS, maxWaiting: MAX_WAITING });
    const environment = anEnvironment();
    expect(await opened.storage.environments.create(environment, [])).toBe(true);
    return {
      ...opened,
      clock,
      environment,
      write: (key, kind, isArchived) => opened.storage.documents.write(environment.id, aDraft(key, kind, isArchived)),
    };
  };
  describe(`storage contract: ${name}`, () => {
    environmentsContract(setUp);
    secretsContract(setUp);
    documentsContract(setUp);
    changesContract(setUp);
    transactionsContract(setUp);
    auditContract(setUp);
    insightsContract(setUp);
    evaluationHistoryContract(setUp);
    experimentsContract(setUp);
    usersContract(setUp);
    webhooksContract(setUp);
    triggersContract(setUp);
    lifecycleContract(setUp);
  });
}
