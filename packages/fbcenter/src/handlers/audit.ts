import type { AuditDetailBody, AuditEntryBody, AuditListBody } from '../api/audit.js';
import { type Answer, json, stream } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { FilePlaces } from '../http/room.js';
import type { AuditDetail, AuditEntry, AuditQuery } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';
import type { Audit } from '../storage/audit.js';
import { parameter, timeIn, wholeNumber } from './parameters.js';

const PAGE = { fallback: 100, min: 1, max: 1_000 };
/** How many entries an export reads at a time, without what they were like: those are read one by one. */
const EXPORT_PAGE = 200;
/** What an export holds in memory, about: one entry, with a long flag as it was and as it is, read and written. */
const EXPORT_BYTES = 8 * 1024 * 1024;

/** The audit log. There is nothing here that changes it. */
export function auditHandlers(audit: Pick<Audit, 'list' | 'get'>, files: Pick<FilePlaces, 'take'>) {
  const one = async (exchange: Exchange, environment?: string): Promise<Answer> => {
    const text = parameter(exchange, 'entry');
    const entry = /^\d{1,15}$/.test(text) ? await audit.get(Number(text)) : undefined;
    if (entry === undefined || (environment !== undefined && entry.subject.environment !== environment)) {
      throw new Refusal('not-found', 'There is no such entry: it may be older than what is kept.');
    }
    return json<AuditDetailBody>(detail(entry));
  };
  return {
    list: async (exchange: Exchange): Promise<Answer> =>
      auditPage(audit, exchange, { ...conditionsIn(exchange), environment: textIn(exchange, 'environment') }),
    inEnvironment: async (exchange: EnvironmentExchange): Promise<Answer> =>
      auditPage(audit, exchange, { ...conditionsIn(exchange), environment: exchange.environment.key }),
    get: (exchange: Exchange): Promise<Answer> => one(exchange),
    getInEnvironment: (exchange: EnvironmentExchange): Promise<Answer> => one(exchange, exchange.environment.key),
    /** Every entry on a line of its own, the newest first. */
    export: async (exchange: Exchange): Promise<Answer> => {
      const conditions = { ...conditionsIn(exchange), environment: textIn(exchange, 'environment') };
      return stream(
        'application/x-ndjson',
        async function* () {
          for await (const entry of everything(audit, conditions)) {
            yield Buffer.from(`${JSON.stringify(detail(entry))}\n`);
          }
        },
        await files.take(exchange, EXPORT_BYTES),
        { 'content-disposition': 'attachment; filename="audit.ndjson"' },
      );
    },
  };
}

type Conditions = Omit<AuditQuery, 'limit' | 'olderThan'>;

/** A page of entries; `next` is what to send as `after` for the one that follows, or null. */
export async function auditPage(
  audit: Pick<Audit, 'list'>,
  exchange: Exchange,
  conditions: Conditions,
): Promise<Answer> {
  const limit = wholeNumber(exchange, 'limit', PAGE);
  const olderThan = exchange.query.has('after')
    ? wholeNumber(exchange, 'after', { fallback: 0, min: 1, max: Number.MAX_SAFE_INTEGER })
    : undefined;
  // One more than the page has shows whether there is another page.
  const entries = await audit.list({ ...conditions, olderThan, limit: limit + 1 });
  const next = entries.length > limit ? entries[limit - 1] : undefined;
  return json<AuditListBody>({
    items: entries.slice(0, limit).map(present),
    next: next === undefined ? null : String(next.id),
  });
}

/** Entries that are made meanwhile are not in it. */
async function* everything(audit: Pick<Audit, 'list' | 'get'>, conditions: Conditions): AsyncIterable<AuditDetail> {
  for (let olderThan: number | undefined; ; ) {
    const page = await audit.list({ ...conditions, olderThan, limit: EXPORT_PAGE });
    for (const { id } of page) {
      const entry = await audit.get(id);
      // What is older than what is kept may be forgotten meanwhile.
      if (entry !== undefined) yield entry;
    }
    olderThan = page.at(-1)?.id;
    if (page.length < EXPORT_PAGE) return;
  }
}

function conditionsIn(exchange: Exchange): Conditions {
  return {
    actor: textIn(exchange, 'actor'),
    action: textIn(exchange, 'action'),
    kind: textIn(exchange, 'kind'),
    key: textIn(exchange, 'key'),
    group: textIn(exchange, 'group'),
    from: timeIn(exchange, 'from'),
    to: timeIn(exchange, 'to'),
  };
}

function textIn({ query }: Exchange, name: string): string | undefined {
  return query.get(name) || undefined;
}

function present({ id, at, actor, action, subject, fields, ...rest }: AuditEntry): AuditEntryBody {
  const { beforeVersion = null, version = null, comment = null, group = null, source = null } = rest;
  const { kind, key, environment = null } = subject;
  return {
    id,
    at: new Date(at).toISOString(),
    actor,
    action,
    subject: { kind, key, environment },
    fields,
    beforeVersion,
    version,
    comment,
    group,
    source,
  };
}

function detail(entry: AuditDetail): AuditDetailBody {
  const state = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text));
  return { ...present(entry), before: state(entry.before), after: state(entry.after) };
}
