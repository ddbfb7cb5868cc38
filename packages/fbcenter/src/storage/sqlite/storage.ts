import { StorageError } from '../../errors.js';
import type { ChangeLog, Commit, Removal } from '../../model/change-log.js';
import type { Clock } from '../../runtime/clock.js';
import type { Listeners } from '../../runtime/listeners.js';
import type { Audit } from '../audit.js';
import type { Documents } from '../documents.js';
import type { Environments } from '../environments.js';
import type { ExperimentData, Experiments } from '../experiments.js';
import type { InsightLimits, Insights } from '../insights.js';
import { KnownOwners } from '../known-owners.js';
import type { Links } from '../links.js';
import type { Secrets } from '../secrets.js';
import type { Sessions } from '../sessions.js';
import type { Settings } from '../settings.js';
import type { Repositories, Storage, Transaction } from '../storage.js';
import type { Tokens } from '../tokens.js';
import type { Triggers } from '../triggers.js';
import type { Users } from '../users.js';
import type { Webhooks } from '../webhooks.js';
import { sqliteAudit } from './audit.js';
import { isBusy, type SqliteConnection } from './connection.js';
import { CountedJournal } from './counted-journal.js';
import type { DataFolder } from './data-folder.js';
import { changesSince, documentsAfter, fewAfter, pagesAfter, sqliteDocuments } from './documents.js';
import { sqliteEnvironments } from './environments.js';
import { sqliteExperimentData } from './experiment-data.js';
import { sqliteExperiments } from './experiments.js';
import { probe } from './history.js';
import { sqliteInsights } from './insights.js';
import { sqliteLinks } from './links.js';
import { sealing } from './seals.js';
import { sqliteSecrets } from './secrets.js';
import type { Session } from './session.js';
import { sqliteSessions } from './sessions.js';
import { sqliteSettings } from './settings.js';
import { atOneMoment, Snapshots } from './snapshots.js';
import { sqliteTokens } from './tokens.js';
import { refuseLostWrites, Transactions } from './transactions.js';
import { sqliteTriggers } from './triggers.js';
import { Turns } from './turns.js';
import { sqliteUsers } from './users.js';
import { isRemembered, Versions } from './versions.js';
import { sqliteWebhooks } from './webhooks.js';

export interface SqliteParts {
  /** Has the newest schema. */
  readonly connection: SqliteConnection;
  /** Another connection to the same database, for readings that take long; a database in memory has none. */
  readonly reader?: SqliteConnection | undefined;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly insightLimits: InsightLimits;
  readonly keptVersions: number;
  readonly maxWaiting: number;
  readonly commits: Listeners<Commit>;
  readonly removals: Listeners<Removal>;
}

/**
 * Pages that SQLite's log may have before they are written to their places, where most of them are the same ones by then. That takes
 * some milliseconds of the event loop, and grows with them.
 */
const LOG_PAGES = 2_000;
/** Pages that are kept at hand: experiments look up users, of whom each is on another page. */
const CACHE_KIB = 16_384;

/** Readiness is asked for by anybody, and each answer is a write: at most one in this many milliseconds. */
const PROBE_INTERVAL = 1_000;
const NEVER_PROBED: { readonly at: number; readonly problem: unknown } = {
  at: Number.NEGATIVE_INFINITY,
  problem: undefined,
};

/** The storage on SQLite. All calls wait in one queue, but for readings of whole environments: see {@link Snapshots}. */
export class SqliteStorage implements Storage {
  readonly environments: Environments;
  readonly secrets: Secrets;
  readonly documents: Documents;
  readonly insights: Insights;
  readonly experiments: Experiments;
  readonly experimentData: ExperimentData;
  readonly settings: Settings;
  readonly audit: Audit;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly webhooks: Webhooks;
  readonly triggers: Triggers;
  readonly changes: ChangeLog;
  readonly #parts: SqliteParts;
  readonly #versions: Versions;
  readonly #turns = new Turns();
  readonly #transactions: Transactions;
  readonly #snapshots: Snapshots;
  readonly #journal: CountedJournal;
  readonly #owners: KnownOwners;
  #closed: Promise<void> | undefined;
  /** What came of the last attempt to write something that does not matter. */
  #probed = NEVER_PROBED;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    const { connection, reader, clock, keptVersions, commits, removals } = parts;
    this.#transactions = new Transactions({ ...parts, turns: this.#turns });
    this.#versions = new Versions(connection, clock, keptVersions);
    this.#journal = new CountedJournal(connection);
    this.#snapshots = new Snapshots(connection, this.#turns, reader);
    // From now on nothing waits in SQLite, where it would hold the event loop: neither for another process, see Turns, nor
    // for the disk, see DataFolder.sync.
    connection.exec('PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL');
    connection.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA cache_size = -${CACHE_KIB}`);
    const own = this.#repositories({
      connection,
      read: (work) => this.#read(work),
      write: (work, durability = 'disk') => this.#run(work, durability),
    });
    this.environments = own.environments;
    this.#owners = new KnownOwners(own.secrets.byValue);
    this.secrets = { ...own.secrets, byValue: (value) => this.#owners.byValue(value) };
    this.documents = own.documents;
    this.insights = own.insights;
    this.experiments = own.experiments;
    this.experimentData = own.experimentData;
    this.settings = own.settings;
    this.audit = own.audit;
    this.users = own.users;
    this.sessions = own.sessions;
    this.links = own.links;
    this.tokens = own.tokens;
    this.webhooks = own.webhooks;
    this.triggers = own.triggers;
    this.changes = {
      everything: (environmentId) => this.#snapshots.read((reader) => documentsAfter(reader, environmentId, 0)),
      pages: (environmentId, take) => this.#snapshots.read((reader) => pagesAfter(reader, environmentId, 0, take)),
      since: async (environmentId, cursor) => {
        const few = await this.#read(() =>
          atOneMoment(connection, async () => {
            if (!isRemembered(connection, environmentId, cursor)) return 'unknown';
            return fewAfter(connection, environmentId, cursor);
          }),
        );
        if (few === 'unknown') return undefined;
        return few ?? this.#snapshots.read((reader) => changesSince(reader, environmentId, cursor));
      },
      watch: (listener) => commits.add(listener),
      watchRemovals: (listener) => removals.add(listener),
    };
  }

  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    let isOver = false;
    const within = async <Result>(action: () => Result): Promise<Result> => {
      if (isOver) throw new StorageError('The transaction is over.');
      return action();
    };
    return this.#run(async (changed, removed) => {
      const { connection } = this.#parts;
      try {
        return await work(
          this.#repositories({ connection, read: within, write: (action) => within(() => action(changed, removed)) }),
        );
      } finally {
        isOver = true;
      }
    }, 'disk');
  }

  /** The folder is this process's alone. */
  watchOthers(): () => void {
    return () => {};
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  ping(): Promise<void> {
    return this.#read(() => {
      const { connection, folder, clock } = this.#parts;
      refuseLostWrites(folder);
      const { at, problem } = this.#probed;
      if (Math.abs(clock.now() - at) < PROBE_INTERVAL) {
        if (problem !== undefined) throw problem;
        return;
      }
      try {
        probe(connection);
        folder.probe();
        this.#probed = { at: clock.now(), problem: undefined };
      } catch (error) {
        if (isBusy(error)) throw error;
        this.#probed = { at: clock.now(), problem: error };
        throw error;
      }
    });
  }

  close(): Promise<void> {
    const { connection, folder } = this.#parts;
    this.#closed ??= this.#snapshots.close().then(() =>
      this.#turns.run(() => {
        this.#probed = NEVER_PROBED;
        try {
          connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        } finally {
          connection.close();
          this.#owners.forget();
          folder.release();
        }
      }),
    );
    return this.#closed;
  }

  #repositories(session: Session): Repositories {
    const { clock, insightLimits, maxWaiting } = this.#parts;
    return {
      environments: sqliteEnvironments(sealing(session), this.#versions, clock),
      secrets: sqliteSecrets(session, sealing(session).write, clock),
      documents: sqliteDocuments(session, this.#versions),
      insights: sqliteInsights(session, clock, insightLimits),
      experiments: sqliteExperiments(session, this.#journal),
      experimentData: sqliteExperimentData(session, this.#journal, clock),
      settings: sqliteSettings(sealing(session)),
      audit: sqliteAudit(session, clock, maxWaiting),
      users: sqliteUsers(session, sealing(session).write, clock),
      sessions: sqliteSessions(session, clock),
      links: sqliteLinks(session),
      tokens: sqliteTokens(session, sealing(session).write, clock),
      webhooks: sqliteWebhooks(session, sealing(session).write, clock),
      triggers: sqliteTriggers(session, sealing(session).write, clock),
    };
  }

  readonly #run: Transactions['run'] = (work, durability) => {
    const done = this.#transactions.run(work, durability);
    return durability === 'process' ? done : done.finally(() => this.#owners.forget());
  };

  #read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#turns.readWhenFree(work);
  }
}
