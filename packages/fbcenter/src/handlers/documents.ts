import { deleteArchived } from '../documents/deletion.js';
import { makeEdit, missing, type Target } from '../documents/edit.js';
import { put, putBack, setArchived, toggle } from '../documents/edits.js';
import { type Answer, empty, jsonText } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import { isKnown, preconditionOf } from '../http/preconditions.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import type { Warning } from '../model/fault.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { documentPages } from '../storage/document-pages.js';
import type { Storage } from '../storage/storage.js';
import { auditPage } from './audit.js';
import { authorship, bodyFields, parameter, truth, wholeNumber } from './parameters.js';

/** How many documents a page has. */
const PAGE = { fallback: 100, min: 1, max: 1_000 };
/** A page is shorter when its documents are long, in UTF-16 units: all of them are in memory for whoever asks. */
const PAGE_LENGTH = 4 * 1024 * 1024;

type DocumentStorage = Pick<Storage, 'documents' | 'audit' | 'transact'>;

/** Management of the flags, or of the segments, of an environment. */
export function documentHandlers(kind: DocumentKind, storage: DocumentStorage) {
  const archive = (isArchived: boolean) => async (exchange: EnvironmentExchange) =>
    answer((await makeEdit(storage, setArchived(targetOf(exchange, kind), isArchived))).document);
  const versionIn = async (exchange: EnvironmentExchange) => {
    const { key: environment } = exchange.environment;
    const version = Number(parameter(exchange, 'version'));
    const text = Number.isSafeInteger(version)
      ? await storage.audit.documentAt(environment, kind, parameter(exchange, 'key'), version)
      : undefined;
    if (text !== undefined) return { version, text };
    throw new Refusal('not-found', `The ${kind} has had no such version, or it is older than what is kept.`);
  };
  return {
    /** A page of documents by key, at most as many as asked for; `next` is what to send as `after` for the page that follows, or null. */
    list: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const limit = wholeNumber(exchange, 'limit', PAGE);
      const query = { archived: truth(exchange, 'archived'), after: exchange.query.get('after') ?? undefined };
      const page: StoredDocument[] = [];
      let length = 0;
      let next: string | null = null;
      for await (const documents of documentPages(storage.documents, exchange.environment.id, kind, query)) {
        for (const document of documents) {
          length += document.text.length;
          if (page.length < limit && (length <= PAGE_LENGTH || page.length === 0)) page.push(document);
          else next ??= page.at(-1)?.key ?? null;
        }
        if (next !== null) break;
      }
      const items = page.map(({ text }) => text).join(',');
      return jsonText(`{"items":[${items}],"next":${JSON.stringify(next)}}`);
    },
    get: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, headers } = exchange;
      const document = await storage.documents.get(environment.id, kind, parameter(exchange, 'key'));
      const etag = tagOf((document ?? missing(kind)).version);
      return isKnown(headers, etag) ? empty(304, { etag }) : answer(document ?? missing(kind));
    },
    put: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const edited = await makeEdit(storage, put(targetOf(exchange, kind), exchange.body));
      return answer(edited.document, edited.before === undefined ? 201 : 200, edited.warnings);
    },
    /** Who has changed it; the newest change first. */
    history: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { key: environment } = exchange.environment;
      return auditPage(storage.audit, exchange, { environment, kind, key: parameter(exchange, 'key') });
    },
    /** As it was in a version. */
    version: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { version, text } = await versionIn(exchange);
      return jsonText(text, 200, { etag: tagOf(version) });
    },
    putBack: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { version, text } = await versionIn(exchange);
      const edited = await makeEdit(storage, putBack(targetOf(exchange, kind), version, text));
      return answer(edited.document, edited.before === undefined ? 201 : 200, edited.warnings);
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
      const { tag, text } = await live.of(environment.id).summaries.current();
      const etag = `"${tag}"`;
      if (isKnown(headers, etag)) return empty(304, { etag });
      return jsonText(text, 200, { etag });
    },
    /** Body: `{"isEnabled": true or false}`, or no body for the other state. */
    toggle: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const wanted = wantedState(exchange.body);
      return answer((await makeEdit(storage, toggle(targetOf(exchange, 'flag'), wanted))).document);
    },
  };
}

/** The document that a request is about, with who asks and what must be true of it. */
function targetOf(exchange: EnvironmentExchange, kind: DocumentKind): Target {
  const { environment, isGone } = exchange;
  const precondition = preconditionIn(exchange);
  return { environment, kind, key: parameter(exchange, 'key'), precondition, isGone, ...authorship(exchange) };
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

function preconditionIn({ headers }: Exchange): Target['precondition'] {
  const precondition = preconditionOf(headers);
  return precondition && ((version) => precondition(version === undefined ? undefined : tagOf(version)));
}

function tagOf(version: number): string {
  return `"${version}"`;
}

/** The document as it is kept; warnings, if there are any, as one more field. */
function answer({ text, version }: StoredDocument, status = 200, warnings: readonly Warning[] = []): Answer {
  const body = warnings.length === 0 ? text : `${text.slice(0, -1)},"warnings":${JSON.stringify(warnings)}}`;
  return jsonText(body, status, { etag: tagOf(version) });
}
