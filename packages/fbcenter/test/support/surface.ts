import { createAccess } from '../../src/access/access.js';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { ExperimentService } from '../../src/experiments/service.js';
import { createHandlers } from '../../src/handlers/handlers.js';
import type { Route } from '../../src/http/exchange.js';
import { InsightRecorder } from '../../src/insights/recorder.js';
import { UnknownFlags } from '../../src/insights/unknown-flags.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import { Usages } from '../../src/live/usage.js';
import { BuiltPage } from '../../src/page/built-page.js';
import { routes } from '../../src/routes.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { systemClock } from '../../src/runtime/clock.js';
import { silentLogger } from '../../src/runtime/log.js';
import { Stopping } from '../../src/runtime/stopping.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { ConnectionList } from '../../src/streaming/connection-list.js';
import { FlagTriggers } from '../../src/triggers/flag-triggers.js';
import { WebhookSender } from '../../src/webhooks/sender.js';
import { WebhookManagement } from '../../src/webhooks/webhooks.js';

/** The table of routes, as a center has it; nothing behind it is to be called. */
export function surface(): readonly Route[] {
  const storage = openSqliteStorage();
  const handlers = createHandlers({
    storage,
    live: new LiveEnvironments(storage.changes),
    page: new BuiltPage(),
    clientFlags: new ClientFlags('neutral'),
    access: createAccess({ storage, settingsToken: '', clock: systemClock, log: silentLogger }),
    clock: systemClock,
    identityProvider: undefined,
    connections: { connectionsBy: () => 0, revoke: () => {}, list: new ConnectionList() },
    usages: new Usages(storage.insights, systemClock),
    unknownFlags: new UnknownFlags(systemClock),
    budget: new ByteBudget(),
    recorder: new InsightRecorder(storage.insights),
    experiments: new ExperimentService({ storage, clock: systemClock, log: silentLogger }),
    onInsights: () => {},
    webhooks: new WebhookManagement({
      storage,
      sender: new WebhookSender({ toPrivate: false }),
      clock: systemClock,
      poke: () => {},
    }),
    webhooksToPrivate: false,
    stopping: new Stopping(),
    triggers: new FlagTriggers({ storage, clock: systemClock }),
  });
  void storage.close();
  return routes(handlers);
}
