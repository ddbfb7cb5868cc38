import { createAccess } from './access/access.js';
import type { PasswordCost } from './access/passwords.js';
import { startAuditRetention } from './audit-retention.js';
import { followOthers } from './elsewhere.js';
import { ClientFlags } from './evaluation/client-flags.js';
import { LatestUsers } from './evaluation/latest-users.js';
import { ExperimentService } from './experiments/service.js';
import { createHandlers } from './handlers/handlers.js';
import { countsOf } from './handlers/sdk.js';
import { closeHttp, listen } from './http/listen.js';
import { createHttpServer } from './http/server.js';
import { InsightRecorder } from './insights/recorder.js';
import { UnknownFlags } from './insights/unknown-flags.js';
import { LiveEnvironments } from './live/environments.js';
import { Usages } from './live/usage.js';
import type { DocumentKind } from './model/document.js';
import type { Environment } from './model/environment.js';
import { openStorage } from './open-storage.js';
import { type CenterOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { BuiltPage } from './page/built-page.js';
import { ensureEnvironments, keptAdminToken } from './provisioning.js';
import { routes } from './routes.js';
import { ByteBudget } from './runtime/byte-budget.js';
import type { ByteBudgetLimits } from './runtime/byte-budget-limits.js';
import { type Clock, systemClock } from './runtime/clock.js';
import { Listeners } from './runtime/listeners.js';
import { calmLogger, errorText } from './runtime/log.js';
import type { Storage } from './storage/storage.js';
import { StreamingHub } from './streaming/hub.js';
import type { StreamingLimits } from './streaming/limits.js';

/** A flag or segment that was changed. The change is durable and is on its way to the SDKs. */
export interface CommitEvent {
  /** The environment's key. */
  readonly environment: string;
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** The version that it was given, in Unix milliseconds; may be ahead of the clock, see {@link committedAt}. */
  readonly version: number;
  /** When it was committed, by this machine's clock, in Unix milliseconds with a fraction. */
  readonly committedAt: number;
}

/** Insights that have arrived and are kept. */
export interface InsightsEvent {
  /** The environment's key. */
  readonly environment: string;
  readonly evaluations: number;
  readonly metrics: number;
  readonly identifications: number;
  /** Items that could not be understood. */
  readonly rejected: number;
}

/** A running flag center. */
export interface Center {
  /** Where it listens, such as `http://127.0.0.1:5100`: streaming URL, event URL and polling URL of SDKs alike. */
  readonly url: string;
  /** The access token of the management API: a credential. */
  readonly adminToken: string;
  /**
   * The environments there were at the start: those of the options first, in their order. Of several secrets it has the first one that
   * the options give, otherwise the newest. Holds credentials.
   */
  readonly environments: readonly Environment[];
  /** What this start has made because nothing was kept: whether the access token, and the keys of which environments. */
  readonly made: { readonly adminToken: boolean; readonly environments: readonly string[] };
  /** @returns a function that ends the subscription. What a listener throws or rejects with is logged. */
  onCommit(listener: (event: CommitEvent) => void): () => void;
  /** @returns a function that ends the subscription. What a listener throws or rejects with is logged. */
  onInsights(listener: (event: InsightsEvent) => void): () => void;
  /**
   * A new link by which somebody becomes the first admin, for a day and once; it voids the one before. A credential.
   *
   * @returns `undefined` when there is an admin who can sign in.
   */
  firstAdminLink(): Promise<string | undefined>;
  /** Closes every connection, writes what has arrived, and releases port and folder; takes a second or two at most. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What only tests, and commands that work on data for a moment, replace. */
export interface CenterInternals {
  /** Leaves the audit log as it is: neither is anything forgotten, nor the setting remembered. */
  readonly leavesAuditLog?: boolean;
  readonly clock?: Clock;
  readonly storage?: Storage;
  readonly streamingLimits?: Partial<StreamingLimits>;
  readonly page?: BuiltPage;
  readonly budgetLimits?: Partial<ByteBudgetLimits>;
  readonly passwordCost?: PasswordCost;
}

/**
 * Starts a flag center in this process.
 *
 * @returns when it listens.
 * @throws InvalidConfigError naming every bad option; CenterError when the port or the folder cannot be used. Nothing is
 * left behind then.
 */
export async function startCenter(options: CenterOptions = {}): Promise<Center> {
  return startCenterWith(resolveOptions(options), {});
}

/** {@link startCenter} with other parts. */
export async function startCenterWith(options: ResolvedOptions, internals: CenterInternals): Promise<Center> {
  const clock = internals.clock ?? systemClock;
  const log = calmLogger(options.logger);
  const onListenerError = (error: unknown) => log.error('a listener failed', { error: errorText(error) });
  const storage = internals.storage ?? (await openStorage(options, { clock, log, onListenerError }));
  try {
    const { adminToken, isNew, environments, made, leftOver, retention } = await storage.alone(async () => {
      const { token, isNew } =
        options.adminToken === undefined
          ? await keptAdminToken(storage.settings)
          : { token: options.adminToken, isNew: false };
      const provisioned = await ensureEnvironments(options.environments, storage);
      const retention = internals.leavesAuditLog
        ? undefined
        : await startAuditRetention({ storage, clock, log, days: options.auditDays });
      return { adminToken: token, isNew, ...provisioned, retention };
    });
    for (const { environment, secret } of leftOver) {
      const { id, kind, name } = secret;
      log.warn('a secret still counts that is not in the settings', { environment, secret: id, kind, name });
    }
    const live = new LiveEnvironments(storage.changes, options.missingAttribute);
    const clientFlags = new ClientFlags(options.sendRuleNames ? 'names' : 'neutral');
    const access = createAccess({
      storage,
      settingsToken: adminToken,
      clock,
      log,
      passwordCost: internals.passwordCost,
    });
    const { callers } = access;
    const identityProvider = options.oidc && (await access.identityProvider(options.oidc));
    const budget = new ByteBudget(internals.budgetLimits);
    const hub = new StreamingHub({ callers, live, clientFlags, budget, clock, log, limits: internals.streamingLimits });
    const insights = new Listeners<InsightsEvent>(onListenerError);
    const isShared = options.database !== undefined;
    const usages = new Usages(storage.insights, clock, isShared);
    storage.changes.watchRemovals(({ environmentId, key }) => usages.note(environmentId, [key]));
    const experiments = new ExperimentService({ storage, clock, log, isShared });
    await experiments.open();
    const handlers = createHandlers({
      storage,
      live,
      page: internals.page ?? new BuiltPage(),
      connections: hub,
      usages,
      unknownFlags: new UnknownFlags(clock),
      budget,
      clientFlags,
      access,
      clock,
      identityProvider,
      recorder: new InsightRecorder(storage.insights),
      experiments,
      latestUsers: options.rememberUsers ? new LatestUsers(clock) : undefined,
      onInsights: ({ id, key: environment }, tally) => {
        const { evaluations, identifications, rejected } = tally;
        usages.note(
          id,
          evaluations.map(({ flagKey }) => flagKey),
        );
        insights.emit({ environment, ...countsOf(tally), identifications, rejected });
      },
    });
    let judgeStreams = async () => {};
    const http = createHttpServer({
      routes: routes(handlers),
      callers,
      environments: storage.environments,
      budget,
      log,
      publicUrl: options.publicUrl,
      onAccessChange: (judge) => {
        judgeStreams = judge;
      },
    });
    followOthers({ storage, hub, experiments, usages, log, judgeStreams });
    http.server.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
    const close = once(async () => {
      retention?.stop();
      await Promise.all([hub.close(), closeHttp(http), experiments.close()]);
      await storage.close();
    });
    const url = await listen(http, options).catch(async (error) => {
      await close();
      throw error;
    });
    return {
      url,
      adminToken,
      environments,
      made: { adminToken: isNew, environments: made },
      onCommit: (listener) =>
        storage.changes.watch(({ environmentKey: environment, kind, key, version, committedAt }) =>
          listener({ environment, kind, key, version, committedAt }),
        ),
      onInsights: (listener) => insights.add(listener),
      firstAdminLink: async () => {
        const link = await access.accounts.firstLink();
        return link && `${options.publicUrl ?? url}/welcome#${link.code}`;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
