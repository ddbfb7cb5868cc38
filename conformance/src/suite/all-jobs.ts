/** Every case of the suite as jobs: behaviour first, because some of it waits. */
import { connection } from '../behaviour/connection.js';
import { delivery } from '../behaviour/delivery.js';
import { evaluationBehaviour } from '../behaviour/evaluation.js';
import { events } from '../behaviour/events.js';
import { featbitEvents } from '../behaviour/featbit-events.js';
import { featbitSync } from '../behaviour/featbit-sync.js';
import { listeners } from '../behaviour/listeners.js';
import { polling } from '../behaviour/polling.js';
import { status } from '../behaviour/status.js';
import { streaming } from '../behaviour/streaming.js';
import { FIXTURE_GROUPS, readFixtureFile, readFixtures } from '../fixtures/read.js';
import type { FixtureFile } from '../fixtures/types.js';
import { type Job, jobOf, type SuiteCase } from './case.js';
import { bucketJobs, evaluationJobs } from './evaluation-packs.js';
import {
  bulkSuiteCase,
  insightSuiteCase,
  longSyncSuiteCase,
  secretSuiteCase,
  syncSuiteCase,
  tokenSuiteCase,
} from './fixture-cases.js';

/** What messages are and what they leave, once more in long ones. */
const LONG_MESSAGES: readonly SuiteCase[] = readFixtures('sync').flatMap(({ cases }) =>
  cases.map((item) => longSyncSuiteCase('long-messages', item)),
);

const BEHAVIOUR: readonly SuiteCase[] = [
  ...connection,
  ...streaming,
  ...LONG_MESSAGES,
  ...polling,
  ...status,
  ...evaluationBehaviour,
  ...events,
  ...delivery,
  ...listeners,
  ...featbitSync,
  ...featbitEvents,
];

export interface Selection {
  /** Only these groups; all where it is empty. */
  groups: readonly string[];
  /** Only these cases; all where it is empty. */
  cases: readonly string[];
}

function fixtureJobs(file: FixtureFile, isWanted: (id: string) => boolean): Job[] {
  const { group } = file;
  switch (file.kind) {
    case 'evaluate':
      return evaluationJobs(
        group,
        file.cases.filter(({ id }) => isWanted(id)),
      );
    case 'bucket':
      return bucketJobs(
        group,
        file.cases.filter(({ id }) => isWanted(id)),
      );
    case 'sync':
      return file.cases.filter(({ id }) => isWanted(id)).map((item) => jobOf(syncSuiteCase(group, item)));
    case 'bulk':
      return file.cases.filter(({ id }) => isWanted(id)).map((item) => jobOf(bulkSuiteCase(group, item)));
    case 'token':
      return file.cases.filter(({ id }) => isWanted(id)).map((item) => jobOf(tokenSuiteCase(group, item)));
    case 'secret':
      return file.cases.filter(({ id }) => isWanted(id)).map((item) => jobOf(secretSuiteCase(group, item)));
    case 'insight':
      return file.cases.filter(({ id }) => isWanted(id)).map((item) => jobOf(insightSuiteCase(group, item)));
  }
}

/** The jobs of a selection; those that wait longest come first, so that the rest runs beside them. */
export function selectJobs({ groups, cases }: Selection): Job[] {
  const isWanted = (id: string): boolean => cases.length === 0 || cases.includes(id);
  const isWantedGroup = (group: string): boolean => groups.length === 0 || groups.includes(group);
  const behaviour = BEHAVIOUR.filter((item) => isWantedGroup(item.group) && isWanted(item.id)).map(jobOf);
  const waiting = behaviour.filter(({ cases: [item] }) => item?.waits !== undefined);
  const quick = behaviour.filter(({ cases: [item] }) => item?.waits === undefined);
  const fixtures = FIXTURE_GROUPS.filter(isWantedGroup).flatMap((group) =>
    fixtureJobs(readFixtureFile(group), isWanted),
  );
  return [...waiting, ...quick, ...fixtures].filter((job) => job.cases.length > 0);
}

/** The groups in the order of the report. */
export const GROUPS: readonly string[] = [...FIXTURE_GROUPS, ...new Set(BEHAVIOUR.map((item) => item.group))];
