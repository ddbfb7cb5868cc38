import type { Catalog } from '../documents/catalog.js';
import type { Answer, EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { parameter, truth, wholeNumber } from './parameters.js';

/** How many documents a page has. */
const PAGE = { fallback: 100, min: 1, max: 1_000 };

/** Management of the flags, or of the segments, of an environment. */
export function documentHandlers(kind: DocumentKind, catalog: Catalog) {
  const setArchived = (isArchived: boolean) => async (exchange: EnvironmentExchange) => {
    const key = parameter(exchange, 'key');
    return answer(await catalog.setArchived(exchange.environment, kind, key, isArchived, ifMatch(exchange)));
  };
  return {
    /** A page of documents by key; `next` is what to send as `after` for the page that follows, or null. */
    list: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const limit = wholeNumber(exchange, 'limit', PAGE);
      const query = { archived: truth(exchange, 'archived'), after: exchange.query.get('after') ?? undefined };
      // One more than asked for tells whether there are more.
      const documents = await catalog.list(exchange.environment, kind, { ...query, limit: limit + 1 });
      const page = documents.slice(0, limit);
      const next = documents.length > limit ? (page[page.length - 1]?.key ?? null) : null;
      const items = page.map(({ text }) => text).join(',');
      return { status: 200, body: Buffer.from(`{"items":[${items}],"next":${JSON.stringify(next)}}`) };
    },
    get: async (exchange: EnvironmentExchange): Promise<Answer> => {
      return answer(await catalog.get(exchange.environment, kind, parameter(exchange, 'key')));
    },
    put: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const key = parameter(exchange, 'key');
      const { document, isNew } = await catalog.put(exchange.environment, kind, key, exchange.body, ifMatch(exchange));
      return answer(document, isNew ? 201 : 200);
    },
    archive: setArchived(true),
    restore: setArchived(false),
  };
}

/** What flags have on top: the switch. */
export function flagHandlers(catalog: Catalog) {
  return {
    ...documentHandlers('flag', catalog),
    /** Body: `{"isEnabled": true or false}`, or none for the other state. */
    toggle: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const isEnabled = wantedState(exchange.body);
      return answer(
        await catalog.toggle(exchange.environment, parameter(exchange, 'key'), isEnabled, ifMatch(exchange)),
      );
    },
  };
}

function wantedState(body: unknown): boolean | undefined {
  if (body === undefined) return undefined;
  const isEnabled = isJsonObject(body) ? body.isEnabled : body;
  if (isJsonObject(body) && (isEnabled === undefined || typeof isEnabled === 'boolean')) return isEnabled;
  throw new Refusal(
    'invalid_request',
    'Send {"isEnabled": true}, {"isEnabled": false}, or no body to flip the switch.',
  );
}

function answer(document: StoredDocument, status = 200): Answer {
  return { status, body: Buffer.from(document.text), headers: { etag: `"${document.version}"` } };
}

/** The version in `If-Match`, quoted as in `ETag` or bare; `undefined` when there is none or it is `*`. */
function ifMatch(exchange: Exchange): number | undefined {
  const header = exchange.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const [, digits] = /^"?(\d{1,16})"?$/.exec(header) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Refusal('invalid_request', 'If-Match must be one version as in ETag, such as "1700000000000".');
}
