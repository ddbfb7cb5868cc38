import { randomBytes } from 'node:crypto';
import { nodePlatform, type Platform, UpstreamServer } from 'fbclient/upstream';
import { Callers } from './access/callers.js';
import { CenterError } from './errors.js';
import { ClientFlags } from './evaluation/client-flags.js';
import { closeHttp, followCertificate, listen } from './http/listen.js';
import { createHttpServer } from './http/server.js';
import { TlsFiles } from './http/tls-files.js';
import { LiveEnvironments } from './live/environments.js';
import { Monitoring } from './monitoring.js';
import { agentRoutes } from './relay/agent/agent-handlers.js';
import { AgentHub } from './relay/agent/agent-hub.js';
import { followUpstream } from './relay/agent/upstream.js';
import { FirstAnswers } from './relay/first-answers.js';
import { InsightRelay } from './relay/insight-relay.js';
import { newReplica } from './relay/intake.js';
import { Intakes } from './relay/intakes.js';
import { type PrivateFiles, privateFiles } from './relay/private-files.js';
import { type HealthParts, type RelayState, relayState } from './relay/relay-health.js';
import { relayMetrics } from './relay/relay-metrics.js';
import { type RelayOptions, type ResolvedRelayOptions, resolveRelayOptions } from './relay/relay-options.js';
import { relayRoutes } from './relay/relay-routes.js';
import { RelayedChanges } from './relay/relayed-changes.js';
import { RelayedEnvironments } from './relay/relayed-environments.js';
import { ByteBudget } from './runtime/byte-budget.js';
import { type Clock, systemClock } from './runtime/clock.js';
import { calmLogger, errorText } from './runtime/log.js';
import { Stopping } from './runtime/stopping.js';
import { lockFolder } from './storage/sqlite/folder-lock.js';
import { StreamingHub } from './streaming/hub.js';
import type { StreamingLimits } from './streaming/limits.js';

/** A running relay. */
export interface Relay {
  /** Where it listens, such as `http://127.0.0.1:6100`: streaming URL, event URL and polling URL of SDKs alike. */
  readonly url: string;
  /** Where Prometheus asks for metrics if they have a port of their own. */
  readonly metricsUrl: string | undefined;
  /** How it stands now: what is served, how old that is, what waits. */
  state(): RelayState;
  /** Reads the files of the certificate anew, which it does by itself when they change. */
  reloadCertificate(): void;
  /** Closes every connection, sends what waits for up to three seconds, keeps the rest on disk, and releases port and folder. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What only tests replace. */
export interface RelayInternals {
  readonly clock?: Clock;
  readonly platform?: Platform;
  readonly files?: PrivateFiles;
  readonly streamingLimits?: Partial<StreamingLimits>;
  readonly stopping?: Stopping;
}

/** How long insights may be on their way when the relay closes, in milliseconds. */
const DRAIN_TIME = 3_000;

/**
 * Starts a relay in this process: between SDKs and a FeatBit server, a center or another relay.
 *
 * @returns when it listens: once upstream has answered for every environment, or `startWait` is over.
 * @throws InvalidConfigError naming every bad option; CenterError when the port or the folder cannot be used. Nothing is
 * left behind then.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  return startRelayWith(resolveRelayOptions(options), {});
}

/** {@link startRelay} with other parts. */
export async function startRelayWith(options: ResolvedRelayOptions, internals: RelayInternals): Promise<Relay> {
  const { clock = systemClock, platform = nodePlatform } = internals;
  const { logger, relayKey } = options;
  const log = calmLogger(logger);
  const tls = options.tls && new TlsFiles(options.tls, log);
  const monitoring = await Monitoring.create(options, clock);
  const { metrics, onAnswered, onPushed } = monitoring;
  const server = serverOf(options, platform);
  const folder = internals.files === undefined ? takeFolder(options.dataFolder) : undefined;
  const files = internals.files ?? folder?.files;
  // In the order in which it is made; it is undone the other way round.
  const undo: (() => unknown)[] = [() => folder?.release(), () => server?.close()];
  const leave = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const onError = (error: unknown) => log.error('a listener failed', { error: errorText(error) });
    const environments = new RelayedEnvironments(newReplica);
    const changes = new RelayedChanges(clock, onError);
    const live = new LiveEnvironments(changes, options.missingAttribute);
    const callers = callersOf(environments, clock, { relayKey, metricsToken: monitoring.tokenOnMainPort });
    const agents = new AgentHub({ callers, environments, live, log });
    const { clock: timers } = platform;
    const random = () => platform.random();
    const { spoolBytes: maxBytes } = options;
    const insights = new InsightRelay({ environments, server, files, maxBytes, clock: timers, random, log });
    const answers = new FirstAnswers(timers);
    const intakes = new Intakes({
      environments,
      changes,
      files,
      clock,
      timers,
      logger,
      onAnswered: (environmentId) => {
        answers.came(environmentId);
        // Of all environments of a key agents are told together.
        if (options.environments !== undefined) agents.environmentFilled(environmentId);
        insights.retryNow();
      },
    });
    undo.push(() => intakes.close());
    const following = { options, server, environments, intakes, files, platform, log, agents, answers };
    const upstream = await followUpstream(following);
    undo.push(() => upstream.close());
    await insights.open();
    undo.push(() => insights.close(DRAIN_TIME));
    await answers.all(options.startWait);

    const clientFlags = new ClientFlags(options.sendRuleNames ? 'names' : 'neutral');
    const budget = new ByteBudget();
    const hub = new StreamingHub({
      callers: withData(callers, changes),
      live,
      clientFlags,
      budget,
      clock,
      log,
      limits: internals.streamingLimits,
      onPushed,
    });
    const { stopping = new Stopping() } = internals;
    stopping.add((time) => hub.drain(time));
    const health: HealthParts = {
      stopping,
      environments,
      clock,
      connectionsOf: (id) => hub.list.countOf(id),
      snapshotOf: (id) => intakes.snapshotOf(id),
      insights: () => insights.state,
    };
    const http = createHttpServer({
      routes: [
        ...relayRoutes({ live, changes, environments, insights, health, budget, clientFlags, clock }),
        ...agentRoutes({ environments, clock, intake: upstream.posted }),
        ...monitoring.routes,
      ],
      onAnswered,
      trace: monitoring.trace,
      stopping,
      certificate: tls?.current,
      rateLimit: options.rateLimit,
      callers,
      environments: environments.environments,
      budget,
      log,
    });
    if (metrics !== undefined) {
      changes.watch(({ environmentKey, kind }) => metrics.changed(environmentKey, kind));
      const counts = () => hub.list.counts();
      metrics.watch(relayMetrics({ health, counts, versionOf: (id) => changes.versionOf(id) }));
    }
    http.server.on('upgrade', (request, socket, head) => {
      monitoring.upgraded(request, socket);
      (AgentHub.isAgents(request) ? agents : hub).upgrade(request, socket, head);
    });
    undo.push(() => Promise.all([hub.close(), agents.close(), closeHttp(http)]));
    const certificate = followCertificate(http, tls);
    undo.push(
      () => monitoring.close(),
      () => certificate.stop(),
    );
    const metricsUrl = await monitoring.listen();
    const url = await listen(http, options);
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= stopping.run(options.drain).then(leave);
      return closing;
    };
    const reloadCertificate = () => certificate.reload();
    return { url, metricsUrl, state: () => relayState(health), reloadCertificate, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await leave();
    throw error;
  }
}

function serverOf({ upstream, network, logger }: ResolvedRelayOptions, platform: Platform): UpstreamServer | undefined {
  return upstream === undefined ? undefined : new UpstreamServer({ url: upstream, ...network }, logger, platform);
}

/** @throws CenterError when the folder cannot be used, or another relay or center has it. */
function takeFolder(folder: string | undefined): { readonly files: PrivateFiles; release(): void } | undefined {
  if (folder === undefined) return undefined;
  try {
    return { files: privateFiles(folder), release: lockFolder(folder) };
  } catch (error) {
    if (error instanceof CenterError) throw error;
    throw new CenterError('storage-failed', `The folder ${folder} cannot be used (${errorText(error)})`, {
      cause: error,
    });
  }
}

/** Everybody who bears a secret of an environment, and agents; nobody manages a relay. */
function callersOf(
  { secrets }: RelayedEnvironments,
  clock: Clock,
  keys: { readonly relayKey: string | undefined; readonly metricsToken: string | undefined },
): Callers {
  const nobody = { byDigest: async () => undefined };
  const nobodysToken = randomBytes(32).toString('base64url');
  return new Callers(nobodysToken, { secrets, sessions: nobody, tokens: nobody, clock, ...keys, used: () => {} });
}

/** Whoever streams is let in when there is something to send: before that SDKs are told to come again. */
function withData(callers: Callers, changes: RelayedChanges): Pick<Callers, 'bySecret'> {
  return {
    bySecret: async (secret) => {
      const caller = await callers.bySecret(secret);
      if (caller !== undefined) changes.filled(caller.environment.id);
      return caller;
    },
  };
}
