import type { ConnectionBody, ConnectionListBody } from '../api/connections.js';
import { type Answer, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { ConnectionList, ListedConnection } from '../streaming/connection-list.js';
import { wholeNumber } from './parameters.js';

const PAGE = { fallback: 100, min: 1, max: 1_000 };
const AFTER = { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER };

/** The SDKs that stream an environment now. */
export function connectionHandlers(connections: Pick<ConnectionList, 'page' | 'countOf'>) {
  return {
    list: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { id } = exchange.environment;
      const limit = wholeNumber(exchange, 'limit', PAGE);
      // One more than the page has shows whether there is another page.
      const found = connections.page(id, wholeNumber(exchange, 'after', AFTER), limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next = found.length > limit && last !== undefined ? String(last[1]) : null;
      return json<ConnectionListBody>({ count: connections.countOf(id), items: page.map(present), next });
    },
  };
}

function present([connection, id]: readonly [ListedConnection, number]): ConnectionBody {
  const { kind, program, since } = connection;
  const { sentVersion = null, behind = null } = connection.progress();
  const { name = null, version = null } = program;
  return { id: String(id), kind, name, version, since: new Date(since).toISOString(), sentVersion, behind };
}
