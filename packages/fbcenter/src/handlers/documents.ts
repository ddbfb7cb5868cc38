import { deleteArchived } from '../documents/deletion.js';
import { makeEdit, missing, type Target } from '../documents/edit.js';
import { put, setArchived, toggle } from '../documents/edits.js';
import { type Answer, empty, jsonText } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Storage } from '../storage/storage.js';
import { bodyFields, parameter, truth, wholeNumber } from './parameters.js';

/** How many documents a page has. */
const PAGE = { fallback: 100, min: 1, max: 1_000 };

type DocumentStorage = Pick<Storage, 'documents' | 'transact'>;

/** Management of the flags, or of the segments, of an environment. */
export function documentHandlers(kind: DocumentKind, storage: DocumentStorage) {
  const archive = (isArchived: boolean) => async (exchange: EnvironmentExchange) =>
    answer((await makeEdit(storage, setArchived(targetOf(exchange, kind), isArchived))).document);
  return {
    /** A page of documents by key; `next` is what to send as `after` for the page that follows, or null. */
    list: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const limit = wholeNumber(exchange, 'limit', PAGE);
      const documents = await storage.documents.list(exchange.environment.id, kind, {
        archived: truth(exchange, 'archived'),
        after: exchange.query.get('after') ?? undefined,
        // One more than the page has shows whether there is another page.
        limit: limit + 1,
      });
      const page = documents.slice(0, limit);
      const next = documents.length > limit ? (page[page.length - 1]?.key ?? null) : null;
      const items = page.map(({ text }) => text).join(',');
      return jsonText(`{"items":[${items}],"next":${JSON.stringify(next)}}`);
    },
    get: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const document = await storage.documents.get(exchange.environment.id, kind, parameter(exchange, 'key'));
      return answer(document ?? missing(kind));
    },
    put: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { document, before } = await makeEdit(storage, put(targetOf(exchange, kind), exchange.body));
      return answer(document, before === undefined ? 201 : 200);
    },
    archive: archive(true),
    restore: archive(false),
    delete: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await deleteArchived(storage, targetOf(exchange, kind));
      return empty(204);
    },
  };
}

/** What flags have beyond that: the switch. */
export function flagHandlers(storage: DocumentStorage, live: LiveEnvironments) {
  return {
    ...documentHandlers('flag', storage),
    /** Every flag in short, in one answer; nothing but 304 when the caller has the newest. */
    summaries: async ({ environment, headers }: EnvironmentExchange): Promise<Answer> => {
      const { version, text } = await live.of(environment.id).summaries.current();
      const etag = `"${version}"`;
      if (headers['if-none-match'] === etag) return empty(304, { etag });
      return jsonText(text, 200, { etag });
    },
    /** Body: `{"isEnabled": true or false}`, or no body for the other state. */
    toggle: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const wanted = wantedState(exchange.body);
      return answer((await makeEdit(storage, toggle(targetOf(exchange, 'flag'), wanted))).document);
    },
  };
}

/** The document that a request is about, with who asks and the version that it must have. */
function targetOf(exchange: EnvironmentExchange, kind: DocumentKind): Target {
  const { environment, caller: by } = exchange;
  return { environment, kind, key: parameter(exchange, 'key'), expected: ifMatch(exchange), by };
}

function wantedState(body: unknown): boolean | undefined {
  if (body === undefined) return undefined;
  const { isEnabled } = bodyFields(body, ['isEnabled']);
  if (isJsonObject(body) && (isEnabled === undefined || typeof isEnabled === 'boolean')) return isEnabled;
  throw new Refusal(
    'invalid-request',
    'Send {"isEnabled": true}, {"isEnabled": false}, or no body to flip the switch.',
  );
}

/** The version in `If-Match`, quoted as in `ETag` or bare; `undefined` when the header is absent or `*`. */
function ifMatch(exchange: Exchange): number | undefined {
  const header = exchange.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const [, digits] = /^"?(\d{1,16})"?$/.exec(header) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Refusal('invalid-request', 'If-Match must be one version as in ETag, such as "1700000000000".');
}

function answer({ text, version }: StoredDocument, status = 200): Answer {
  return jsonText(text, status, { etag: `"${version}"` });
}
