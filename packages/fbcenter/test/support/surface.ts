import { createAccess } from '../../src/access/access.js';
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
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { ConnectionList } from '../../src/streaming/connection-list.js';

/** The table of routes, as a center has it; nothing behind it is to be called. */
export function surface(): readonly Route[] {
  const storage = openSqliteStorage();
  const handlers = createHandlers({
    storage,
    live: new LiveEnvironments(storage.changes),
    page: new BuiltPage(),
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
  });
  void storage.close();
  return routes(handlers);
}
