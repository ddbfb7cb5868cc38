import type { MeBody, SessionStateBody, SignedInBody, SignedOutBody } from '../../../src/api/access.js';
import type { SecretBody } from '../../../src/api/answers.js';
import type { AuditDetailBody, AuditListBody } from '../../../src/api/audit.js';
import type { ConnectionListBody } from '../../../src/api/connections.js';
import type { ExplainedFlagsBody, ExplanationBody, LatestUsersBody } from '../../../src/api/explanation.js';
import type { FlagSummariesBody } from '../../../src/api/flag-summary.js';
import type { TransferBody } from '../../../src/api/transfer.js';
import type { EvaluationsBody, UsageBody } from '../../../src/api/usage.js';
import type { Role } from '../../../src/model/role.js';
import type { FlagDocument, SegmentDocument } from '../model/document.js';
import type { FlagSummary } from '../model/summary.js';
import type { PlainUser } from '../model/user.js';
import { following, inside, stepOf } from './addresses.js';
import { type CallOptions, type Credentials, download, request, requestNewer, type Versioned } from './http.js';
import { type EnvironmentUsage, withUsage } from './usage.js';

export interface Environment {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  /** Whether the page asks twice before it changes something in it. */
  readonly isProtected: boolean;
  /** What one may do in it. */
  readonly role: Role | null;
  /** SDKs that stream it now. */
  readonly connections: number;
}

/** Most connections that are listed: more than anybody reads. */
const MOST_CONNECTIONS = 100;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export type Me = MeBody;
export type SessionState = SessionStateBody;
export type SecretKind = SecretBody['kind'];

export type DocumentKind = 'flag' | 'segment';

export interface TransferOptions {
  readonly withSwitch: boolean;
  /** What a dry run has answered; absent = a dry run. */
  readonly plan?: string | undefined;
  readonly comment?: string;
}

export interface Promotion {
  readonly from: string;
  readonly flags: readonly string[];
  readonly withSegments: boolean;
}

/** Entries of the audit log that are loaded at a time. */
const ENTRIES = 50;

/** The most that a page of a list holds. */
const PAGE = 1_000;
/** Passwords are checked one after the other, half a second each. In milliseconds. */
export const SLOW = 60_000;

/** The calls of the management API that the page makes. */
export function createCalls(credentials: () => Credentials) {
  const call = <T>(method: string, path: string, options?: CallOptions) =>
    request<T>(credentials(), method, path, options);
  const read = async <T>(path: string, signal: AbortSignal) => (await call<T>('GET', path, { signal })).data;

  /** Every document of a kind, page after page. */
  async function all<T>(path: string, signal: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    let after: string | null = null;
    do {
      const query: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page: Page<T> = await read(`${path}?limit=${PAGE}${query}`, signal);
      items.push(...page.items);
      after = page.next;
    } while (after !== null);
    return items;
  }

  const flagPath = (environment: string, key: string) => `${inside(environment)}/flags/${encodeURIComponent(key)}`;
  const segmentPath = (environment: string, id: string) => `${inside(environment)}/segments/${encodeURIComponent(id)}`;

  const documentPath = (environment: string, kind: DocumentKind, key: string) =>
    kind === 'flag' ? flagPath(environment, key) : segmentPath(environment, key);

  return {
    session: (signal?: AbortSignal) => call<SessionState>('GET', '/session', signal === undefined ? {} : { signal }),
    signIn: (name: string, password: string) =>
      call<SignedInBody>('POST', '/session', { body: { name, password }, patience: SLOW }),
    signOut: () => call<SignedOutBody>('DELETE', '/session'),

    /** The newest secret of a kind. It is in the page from now on. */
    secret: async (environment: string, kind: SecretKind): Promise<string> => {
      const path = `${inside(environment)}/secrets`;
      const { items } = (await call<{ items: readonly SecretBody[] }>('GET', path)).data;
      const id = items.filter((secret) => secret.kind === kind).at(-1)?.id ?? '';
      return (await call<{ secret: string }>('GET', `${path}/${id}`)).data.secret;
    },

    environments: async (signal: AbortSignal) =>
      (await read<{ items: readonly Environment[] }>('/environments', signal)).items,
    createEnvironment: (key: string, name: string) =>
      call<Environment>('POST', '/environments', { body: { key, name } }),

    /** Every flag in short; `undefined` when they are those that are known. */
    summaries: (environment: string, known: string | undefined, signal: AbortSignal) =>
      requestNewer<FlagSummariesBody & { readonly items: readonly FlagSummary[] }>(
        credentials(),
        `${inside(environment)}/flag-summaries`,
        {
          known,
          signal,
        },
      ),
    usage: async (environment: string, signal: AbortSignal): Promise<EnvironmentUsage> => {
      const { items, unknown } = await read<UsageBody>(`${inside(environment)}/usage`, signal);
      return { flags: withUsage(new Map(), items), unknown };
    },
    /** Evaluations of a flag over time, as long as they are kept. */
    evaluations: (environment: string, key: string, bucket: EvaluationsBody['bucket'], signal: AbortSignal) =>
      read<EvaluationsBody>(`${flagPath(environment, key)}/evaluations?bucket=${bucket}`, signal),

    /** Why a user gets what of a flag. */
    explain: async (environment: string, user: PlainUser, flag: string, signal: AbortSignal) =>
      (await call<ExplanationBody>('POST', `${inside(environment)}/explain`, { body: { user, flag }, signal })).data,
    /** What a user gets of every flag. */
    explainAll: async (environment: string, user: PlainUser, signal: AbortSignal) =>
      (await call<ExplainedFlagsBody>('POST', `${inside(environment)}/explain`, { body: { user }, signal })).data.items,
    latestUsers: async (environment: string, signal: AbortSignal) =>
      (await read<LatestUsersBody>(`${inside(environment)}/latest-users`, signal)).items,
    connections: (environment: string, signal: AbortSignal) =>
      read<ConnectionListBody>(`${inside(environment)}/connections?limit=${MOST_CONNECTIONS}`, signal),

    flags: (environment: string, signal: AbortSignal) => all<FlagDocument>(`${inside(environment)}/flags`, signal),
    flag: (environment: string, key: string, signal?: AbortSignal): Promise<Versioned<FlagDocument>> =>
      call('GET', flagPath(environment, key), signal === undefined ? {} : { signal }),
    /** Makes a flag when there is no version, replaces the one of this version otherwise. */
    putFlag: (
      environment: string,
      flag: FlagDocument,
      version?: number,
      { comment, group }: Pick<CallOptions, 'comment' | 'group'> = {},
    ): Promise<Versioned<FlagDocument>> =>
      call('PUT', flagPath(environment, flag.key), { body: flag, comment, group, ...onlyAt(version) }),
    switchFlag: (
      environment: string,
      key: string,
      isEnabled: boolean,
      version?: number,
      group?: string,
    ): Promise<Versioned<FlagDocument>> =>
      call('POST', `${flagPath(environment, key)}/toggle`, { body: { isEnabled }, group, ...atVersion(version) }),
    archiveFlag: (
      environment: string,
      key: string,
      isArchived: boolean,
      version?: number,
      group?: string,
    ): Promise<Versioned<FlagDocument>> =>
      call('POST', `${flagPath(environment, key)}/${isArchived ? 'archive' : 'restore'}`, {
        group,
        ...atVersion(version),
      }),

    segments: (environment: string, signal: AbortSignal) =>
      all<SegmentDocument>(`${inside(environment)}/segments`, signal),
    segment: (environment: string, id: string, signal?: AbortSignal): Promise<Versioned<SegmentDocument>> =>
      call('GET', segmentPath(environment, id), signal === undefined ? {} : { signal }),
    putSegment: (
      environment: string,
      segment: SegmentDocument,
      version?: number,
      comment?: string,
    ): Promise<Versioned<SegmentDocument>> =>
      call('PUT', segmentPath(environment, segment.id), { body: segment, comment, ...onlyAt(version) }),
    archiveSegment: (
      environment: string,
      id: string,
      isArchived: boolean,
      version: number,
    ): Promise<Versioned<SegmentDocument>> =>
      call('POST', `${segmentPath(environment, id)}/${isArchived ? 'archive' : 'restore'}`, { version }),

    /** Who has changed a flag or segment, the newest change first. */
    history: (environment: string, kind: DocumentKind, key: string, after: string | null, signal: AbortSignal) =>
      read<AuditListBody>(
        `${documentPath(environment, kind, key)}/history?limit=${ENTRIES}${following(after)}`,
        signal,
      ),
    /** A flag or segment as it was in a version. */
    versionOf: <D>(environment: string, kind: DocumentKind, key: string, version: number, signal: AbortSignal) =>
      read<D>(`${documentPath(environment, kind, key)}/history/${version}`, signal),
    /** Makes it what it was in a version, provided that it is at `at` now. */
    putBack: <D>(
      environment: string,
      kind: DocumentKind,
      key: string,
      version: number,
      { at, comment }: { readonly at: number; readonly comment: string },
    ): Promise<Versioned<D>> =>
      call('POST', `${documentPath(environment, kind, key)}/history/${version}/put-back`, { version: at, comment }),

    audit: (filter: string, after: string | null, signal: AbortSignal) =>
      read<AuditListBody>(`/audit?limit=${ENTRIES}${filter}${following(after)}`, signal),
    auditEntry: (id: number, signal: AbortSignal) => read<AuditDetailBody>(`/audit/${id}`, signal),
    exportAudit: (filter: string, signal: AbortSignal) => download(credentials(), `/audit/export?${filter}`, signal),

    describeEnvironment: (key: string, description: Pick<Environment, 'name' | 'isProtected'>) =>
      call<Environment>('PUT', inside(key), { body: description }),
    exportEnvironment: (key: string, signal: AbortSignal) => download(credentials(), `${inside(key)}/export`, signal),
    /** What an import would do, without a plan; with one it does exactly that. */
    importFile: async (environment: string, file: unknown, { withSwitch, plan, comment }: TransferOptions) =>
      (
        await call<TransferBody>('POST', `${inside(environment)}/import?withSwitch=${withSwitch}&${stepOf(plan)}`, {
          body: file,
          comment,
        })
      ).data,
    /** The same for flags of another environment. */
    promote: async (to: string, promotion: Promotion, { withSwitch, plan, comment }: TransferOptions) =>
      (
        await call<TransferBody>('POST', `${inside(to)}/promote?${stepOf(plan)}`, {
          body: { ...promotion, withSwitch },
          comment,
        })
      ).data,
  };
}

export type Calls = ReturnType<typeof createCalls>;

/** Only at a version, or only when it is not there yet. */
function onlyAt(version: number | undefined): CallOptions {
  return version === undefined ? { isNew: true } : { version };
}

function atVersion(version: number | undefined): CallOptions {
  return version === undefined ? {} : { version };
}
