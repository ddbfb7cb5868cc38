import { StorageError } from '../../errors.js';
import type { ChangeLog } from '../../model/change-log.js';
import type { Clock } from '../../runtime/clock.js';
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
import type { ForeignChange, Repositories, Storage, Transaction } from '../storage.js';
import type { Tokens } from '../tokens.js';
import type { Triggers } from '../triggers.js';
import type { Users } from '../users.js';
import type { Webhooks } from '../webhooks.js';
import { postgresAudit } from './audit.js';
import type { PostgresConnection } from './connection.js';
import type { Database } from './database.js';
import { postgresDocuments } from './documents.js';
import { postgresEnvironments } from './environments.js';
import { postgresExperimentData } from './experiment-data.js';
import { postgresExperiments } from './experiments.js';
import type { Follower } from './follower.js';
import { announce } from './hints.js';
import { inBatches } from './insight-batches.js';
import { postgresInsights } from './insights.js';
import { postgresLinks } from './links.js';
import { Memory, readingOn } from './outage.js';
import { postgresSecrets } from './secrets.js';
import {
  type Effects,
  hold,
  nameOf,
  type PendingCommit,
  type PendingRemoval,
  type Session,
  type Touched,
} from './session.js';
import { postgresSessions } from './sessions.js';
import { postgresSettings } from './settings.js';
import { postgresTokens } from './tokens.js';
import { postgresTriggers } from './triggers.js';
import { postgresUsers } from './users.js';
import { Versions } from './versions.js';
import { postgresWebhooks } from './webhooks.js';

export interface PostgresParts {
  readonly database: Database;
  /** Has been started. */
  readonly follower: Follower;
  readonly clock: Clock;
  readonly insightLimits: InsightLimits;
  readonly keptVersions: number;
  readonly maxWaiting: number;
}

/** For how long the database is not asked again whose a secret is, in milliseconds: that long a center that hears nothing lets in what another has revoked. */
const OWNER_LIFETIME = 100;

/** Readiness is asked for by anybody, and each answer is a write: at most one in this many milliseconds. */
const PROBE_INTERVAL = 1_000;

/** The storage on PostgreSQL, which several centers may have in common. */
export class PostgresStorage implements Storage {
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
  readonly #parts: PostgresParts;
  readonly #versions: Versions;
  readonly #memory: Memory;
  readonly #owners: KnownOwners;
  #closed: Promise<void> | undefined;
  #probed: { readonly at: number; readonly result: Promise<unknown> } | undefined;

  constructor(parts: PostgresParts) {
    this.#parts = parts;
    const { database, follower, clock, keptVersions } = parts;
    this.#versions = new Versions(clock, keptVersions);
    const own = this.#repositories({
      read: (work) => work(database.connection),
      write: (work, scope) => {
        const done = this.#transaction(async (connection, effects) => {
          if (scope !== undefined) await hold(connection, scope, database.schema);
          return work(connection, effects);
        });
        return scope?.kind === 'environment' ? done.finally(() => this.#owners.forget()) : done;
      },
      once: (work) => work(database.writer),
    });
    this.#memory = new Memory(() => database.isClosed);
    follower.watchOthers(() => this.#forget());
    const { environments, secrets, documents, sessions, tokens } = readingOn(own, this.#memory, follower);
    this.environments = environments;
    this.#owners = new KnownOwners(secrets.byValue, { lifetime: OWNER_LIFETIME });
    this.secrets = { ...secrets, byValue: (value) => this.#owners.byValue(value) };
    this.documents = documents;
    this.sessions = sessions;
    this.tokens = tokens;
    this.insights = inBatches(own.insights);
    this.experiments = own.experiments;
    this.experimentData = own.experimentData;
    this.settings = own.settings;
    this.audit = own.audit;
    this.users = own.users;
    this.links = own.links;
    this.webhooks = own.webhooks;
    this.triggers = own.triggers;
    this.changes = follower.changes;
  }

  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { schema } = this.#parts.database;
    const done = this.#transaction(async (connection, effects) => {
      const held = new Set<string>();
      const holding: Session['write'] = async (action, scope) => {
        if (scope !== undefined && !held.has(nameOf(scope))) {
          await hold(connection, scope, schema);
          held.add(nameOf(scope));
        }
        return action(connection, effects);
      };
      return work(
        this.#repositories({ read: (action, scope) => holding(action, scope), write: holding, once: holding }),
      );
    });
    return done.finally(() => this.#owners.forget());
  }

  watchOthers(listener: (change: ForeignChange) => void): () => void {
    return this.#parts.follower.watchOthers(listener);
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#parts.database.alone(work);
  }

  async ping(): Promise<void> {
    if (this.#closed !== undefined) throw new StorageError('The storage is closed.');
    const now = performance.now();
    if (this.#probed === undefined || now - this.#probed.at >= PROBE_INTERVAL) {
      const result = this.#parts.database.connection.run('UPDATE probes SET number = (number + 1) % 1000000');
      this.#probed = { at: now, result };
    }
    await this.#probed.result;
  }

  close(): Promise<void> {
    this.#owners.forget();
    this.#closed ??= this.#parts.database.close().finally(() => this.#parts.follower.close());
    return this.#closed;
  }

  /** Somebody's access may have changed. */
  #forget(): void {
    this.#memory.forget();
    this.#owners.forget();
  }

  #repositories(session: Session): Repositories {
    const { clock, insightLimits, maxWaiting } = this.#parts;
    return {
      environments: postgresEnvironments(session, this.#versions, clock),
      secrets: postgresSecrets(session, clock),
      documents: postgresDocuments(session, this.#versions),
      insights: postgresInsights(session, clock, insightLimits),
      experiments: postgresExperiments(session),
      experimentData: postgresExperimentData(session, clock),
      settings: postgresSettings(session),
      audit: postgresAudit(session, clock, maxWaiting),
      users: postgresUsers(session, clock),
      sessions: postgresSessions(session, clock),
      links: postgresLinks(session),
      tokens: postgresTokens(session, clock),
      webhooks: postgresWebhooks(session, clock),
      triggers: postgresTriggers(session, clock),
    };
  }

  /** Runs work as one transaction, then reports what it has changed. */
  async #transaction<T>(work: (connection: PostgresConnection, effects: Effects) => Promise<T>): Promise<T> {
    const { database, follower } = this.#parts;
    const commits: PendingCommit[] = [];
    const removals: PendingRemoval[] = [];
    const created = new Map<string, number>();
    const touched: Touched[] = [];
    const effects: Effects = {
      changed: (commit) => void commits.push(commit),
      removed: (removal) => void removals.push(removal),
      created: ({ id }, version) => void created.set(id, version),
      touched: (what) => void touched.push(what),
    };
    let touch: number | undefined;
    const result = await database.transaction(async (connection) => {
      const done = await work(connection, effects);
      const channel = { sender: follower.sender, channel: database.schema };
      touch = await announce(connection, { commits, removals, created, touched }, channel);
      return done;
    });
    if (touched.length > 0) this.#memory.forget();
    await follower.committed({ commits, removals, created, touched, touch });
    return result;
  }
}
