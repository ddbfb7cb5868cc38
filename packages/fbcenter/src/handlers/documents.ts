import type { Catalog } from '../documents/catalog.js';
import type { Answer, Exchange } from '../http/exchange.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Environments } from '../storage/environments.js';
import { environmentIn, ifMatch, parameter, truth, wholeNumber } from './parameters.js';

/** How many documents a page has. */
const PAGE = { fallback: 100, min: 1, max: 1_000 };

/** Management of the flags, or of the segments, of an environment. */
export function documentHandlers(kind: DocumentKind, catalog: Catalog, environments: Environments) {
  const setArchived = (isArchived: boolean) => async (exchange: Exchange) => {
    const environment = await environmentIn(exchange, environments);
    const key = parameter(exchange, 'key');
    return answer(await catalog.setArchived(environment, kind, key, isArchived, ifMatch(exchange)));
  };
  return {
    /** A page of documents by key; `next` is what to send as `after` for the page that follows, or null. */
    list: async (exchange: Exchange): Promise<Answer> => {
      const environment = await environmentIn(exchange, environments);
      const limit = wholeNumber(exchange, 'limit', PAGE);
      const query = { archived: truth(exchange, 'archived'), after: exchange.query.get('after') ?? undefined };
      // One more than asked for tells whether there are more.
      const documents = await catalog.list(environment, kind, { ...query, limit: limit + 1 });
      const page = documents.slice(0, limit);
      const next = documents.length > limit ? (page[page.length - 1]?.key ?? null) : null;
      const items = page.map(({ text }) => text).join(',');
      return { status: 200, body: Buffer.from(`{"items":[${items}],"next":${JSON.stringify(next)}}`) };
    },
    get: async (exchange: Exchange): Promise<Answer> => {
      const environment = await environmentIn(exchange, environments);
      return answer(await catalog.get(environment, kind, parameter(exchange, 'key')));
    },
    put: async (exchange: Exchange): Promise<Answer> => {
      const environment = await environmentIn(exchange, environments);
      const key = parameter(exchange, 'key');
      const { document, isNew } = await catalog.put(environment, kind, key, exchange.body, ifMatch(exchange));
      return answer(document, isNew ? 201 : 200);
    },
    archive: setArchived(true),
    restore: setArchived(false),
  };
}

/** What flags have on top: the switch. */
export function flagHandlers(catalog: Catalog, environments: Environments) {
  return {
    ...documentHandlers('flag', catalog, environments),
    /** Body: `{"isEnabled": true or false}`, or none for the other state. */
    toggle: async (exchange: Exchange): Promise<Answer> => {
      const environment = await environmentIn(exchange, environments);
      const isEnabled = wantedState(exchange.body);
      return answer(await catalog.toggle(environment, parameter(exchange, 'key'), isEnabled, ifMatch(exchange)));
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
