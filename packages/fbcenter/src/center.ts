import { createAccess } from './access/access.js';
import type { PasswordCost } from './access/passwords.js';
import { startAuditRetention } from './audit-retention.js';
import type { CommitEvent, InsightsEvent } from './center-events.js';
import { followOthers } from './elsewhere.js';
import { ClientFlags } from './evaluation/client-flags.js';
import { LatestUsers } from './evaluation/latest-users.js';
import { ExperimentService } from './experiments/service.js';
import { createHandlers } from './handlers/handlers.js';
import { countsOf } from './handlers/sdk.js';
import { closeHttp, followCertificate, listen } from './http/listen.js';
import { createHttpServer } from './http/server.js';
import { TlsFiles } from './http/tls-files.js';
import { InsightRecorder } from './insights/recorder.js';
import { UnknownFlags } from './insights/unknown-flags.js';
import { LiveEnvironments } from './live/environments.js';
import { Usages } from './live/usage.js';
import { measureCenter } from './measure-center.js';
import type { Environment } from './model/environment.js';
import { Monitoring } from './monitoring.js';
import { openStorage } from './open-storage.js';
import { type CenterOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { createOutbound } from './outbound.js';
import { BuiltPage } from './page/built-page.js';
import { ensureEnvironments, keptAdminToken } from './provisioning.js';
import { routes } from './routes.js';
import { ByteBudget } from './runtime/byte-budget.js';
import type { ByteBudgetLimits } from './runtime/byte-budget-limits.js';
import { type Clock, systemClock } from './runtime/clock.js';
import { Listeners } from './runtime/listeners.js';
import { calmLogger, errorText } from './runtime/log.js';
import { once } from './runtime/once.js';
import { Stopping } from './runtime/stopping.js';
import type { Storage } from './storage/storage.js';
import { StreamingHub } from './streaming/hub.js';
import type { StreamingLimits } from './streaming/limits.js';
import { FlagTriggers } from './triggers/flag-triggers.js';

/** A running flag center. */
export interface Center {
  /** Where it listens, such as `http://127.0.0.1:5100`: streaming URL, event URL and polling URL of SDKs alike. */
  readonly url: string;
  /** Where Prometheus asks for metrics if they have a port of their own, such as `http://127.0.0.1:9464/metrics`. */
  readonly metricsUrl: string | undefined;
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
  /** Reads the files of the certificate anew, which it does by itself when they change; what cannot be used is logged, and the one before kept. */
  reloadCertificate(): void;
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
  readonly stopping?: Stopping;
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
  const tls = options.tls && new TlsFiles(options.tls, log);
  const monitoring = await Monitoring.create(options, clock);
  const { metrics, onAnswered, onPushed } = monitoring;
  const storage = monitoring.measured(
    internals.storage ?? (await openStorage(options, { clock, log, onListenerError })),
  );
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
    monitoring.traceChanges(storage.changes);
    const live = new LiveEnvironments(storage.changes, options.missingAttribute);
    const clientFlags = new ClientFlags(options.sendRuleNames ? 'names' : 'neutral');
    const access = createAccess({
      storage,
      settingsToken: adminToken,
      clock,
      log,
      passwordCost: internals.passwordCost,
      metricsToken: monitoring.tokenOnMainPort,
    });
    const { callers } = access;
    const identityProvider = options.oidc && (await access.identityProvider(options.oidc));
    const budget = new ByteBudget(internals.budgetLimits);
    const limits = internals.streamingLimits;
    const hub = new StreamingHub({ callers, live, clientFlags, budget, clock, log, limits, onPushed });
    const insights = new Listeners<InsightsEvent>(onListenerError);
    const isShared = options.database !== undefined;
    const usages = new Usages(storage.insights, clock, isShared);
    storage.changes.watchRemovals(({ environmentId, key }) => usages.note(environmentId, [key]));
    const experiments = new ExperimentService({ storage, clock, log, isShared });
    await experiments.open();
    const { stopping = new Stopping() } = internals;
    stopping.add((time) => hub.drain(time));
    const recorder = new InsightRecorder(storage.insights);
    const { dispatcher, webhooks } = createOutbound({ storage, clock, log, options, onAttempt: metrics?.delivered });
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
      recorder,
      stopping,
      webhooks,
      webhooksToPrivate: options.webhooksToPrivate,
      triggers: new FlagTriggers({ storage, clock }),
      experiments,
      latestUsers: options.rememberUsers ? new LatestUsers(clock) : undefined,
      onInsights: ({ id, key: environment }, tally) => {
        const { evaluations, identifications, rejected } = tally;
        usages.note(
          id,
          evaluations.map(({ flagKey }) => flagKey),
        );
        const counts = countsOf(tally);
        metrics?.insights(environment, 'accepted', counts.evaluations + counts.metrics + identifications);
        metrics?.insights(environment, 'rejected', rejected);
        insights.emit({ environment, ...counts, identifications, rejected });
      },
    });
    let judgeStreams = async () => {};
    const http = createHttpServer({
      routes: routes(handlers, monitoring.routes),
      callers,
      environments: storage.environments,
      budget,
      log,
      publicUrl: options.publicUrl,
      onAnswered,
      trace: monitoring.trace,
      stopping,
      certificate: tls?.current,
      rateLimit: options.rateLimit,
      onAccessChange: (judge) => {
        judgeStreams = judge;
      },
    });
    followOthers({ storage, hub, experiments, usages, log, judgeStreams });
    http.server.on('upgrade', (request, socket, head) => {
      monitoring.upgraded(request, socket);
      hub.upgrade(request, socket, head);
    });
    if (metrics !== undefined) measureCenter(metrics, { storage, hub, recorder, experiments });
    const certificate = followCertificate(http, tls);
    const close = once(async () => {
      retention?.stop();
      if (http.server.listening) await stopping.run(options.drain);
      await Promise.all([hub.close(), closeHttp(http), experiments.close(), dispatcher.close()]);
      certificate.stop();
      await monitoring.close();
      await storage.close();
    });
    const start = async () => ({ metricsUrl: await monitoring.listen(), url: await listen(http, options) });
    const { url, metricsUrl } = await start().catch(async (error) => {
      await close();
      throw error;
    });
    dispatcher.poke();
    return {
      url,
      metricsUrl,
      adminToken,
      environments,
      made: { adminToken: isNew, environments: made },
      onCommit: (listener) =>
        storage.changes.watch(({ environmentKey: environment, kind, key, version, committedAt }) =>
          listener({ environment, kind, key, version, committedAt }),
        ),
      onInsights: (listener) => insights.add(listener),
      reloadCertificate: () => certificate.reload(),
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
