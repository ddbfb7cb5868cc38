import { decodeFlag, decodeSegment } from 'fbclient/core';
import { wireText } from '../../live/wire-document.js';
import type { SecretKind } from '../../model/environment.js';
import { isJsonObject, type JsonObject } from '../../model/json.js';
import type { EnvironmentIdentity, RelayedEnvironment } from '../relayed-environments.js';
import type { UpstreamDocument } from '../replica.js';

/** A document with the environment that it says it is of. */
export interface AgentDocument extends UpstreamDocument {
  readonly environmentId: string | undefined;
}

/** An environment as it is told to agents. */
interface AgentItem {
  readonly identity: EnvironmentIdentity;
  readonly documents: readonly UpstreamDocument[];
}

/** What a server sends to an agent. */
export type AgentData =
  /** Everything of everything, with the secrets. */
  | { readonly eventType: 'rp_full'; readonly items: readonly AgentItem[] }
  /** What is newer than the agent has; without secrets. */
  | { readonly eventType: 'rp_patch'; readonly items: readonly AgentItem[] }
  /** A change, as server SDKs are told it. */
  | { readonly eventType: 'patch'; readonly documents: readonly AgentDocument[] };

/** Learns of a document that cannot be read and is left out. */
export type ReportSkipped = (kind: 'flag' | 'segment', problem: string) => void;

/** Reads the `data` of a message to an agent; `undefined` when it is none. */
export function decodeAgentData(data: unknown, skipped: ReportSkipped): AgentData | undefined {
  if (!isJsonObject(data)) return undefined;
  const { eventType } = data;
  if (eventType === 'patch') {
    const documents = documentsIn(data, skipped);
    return documents && { eventType, documents };
  }
  if ((eventType !== 'rp_full' && eventType !== 'rp_patch') || !Array.isArray(data.items)) return undefined;
  const items: AgentItem[] = [];
  for (const item of data.items) {
    const read = isJsonObject(item) ? readItem(item, skipped) : undefined;
    // An environment that cannot be read must not look like one that is gone.
    if (read === undefined) return undefined;
    items.push(read);
  }
  return { eventType, items };
}

function readItem(item: JsonObject, skipped: ReportSkipped): AgentItem | undefined {
  const { envId, secrets = [] } = item;
  const documents = documentsIn(item, skipped);
  if (typeof envId !== 'string' || envId === '' || !Array.isArray(secrets) || documents === undefined) return undefined;
  const known = secrets.filter(isSecretEntry);
  const [first] = known;
  return {
    identity: {
      id: envId,
      key: keyIn(first) ?? envId,
      secrets: known.map(({ type, value }) => ({ kind: type, value })),
    },
    documents,
  };
}

interface SecretEntry {
  readonly type: SecretKind;
  readonly value: string;
  readonly projectKey?: unknown;
  readonly envKey?: unknown;
}

/** What people call the environment of a secret; `undefined` when the secret does not say it. */
function keyIn({ projectKey, envKey }: Partial<SecretEntry> = {}): string | undefined {
  if (typeof projectKey !== 'string' || typeof envKey !== 'string' || projectKey + envKey === '') return undefined;
  return `${projectKey}:${envKey}`;
}

function isSecretEntry(entry: unknown): entry is SecretEntry {
  if (!isJsonObject(entry)) return false;
  return (entry.type === 'server' || entry.type === 'client') && typeof entry.value === 'string' && entry.value !== '';
}

function documentsIn({ featureFlags, segments }: JsonObject, skipped: ReportSkipped): AgentDocument[] | undefined {
  if (!Array.isArray(featureFlags) || !Array.isArray(segments)) return undefined;
  return [
    ...segments.flatMap((one) => readDocument('segment', one, skipped)),
    ...featureFlags.flatMap((one) => readDocument('flag', one, skipped)),
  ];
}

function readDocument(kind: 'flag' | 'segment', input: unknown, skipped: ReportSkipped): readonly AgentDocument[] {
  const decoded = kind === 'flag' ? decodeFlag(input) : decodeSegment(input);
  if (!decoded.ok) {
    skipped(kind, decoded.problem);
    return [];
  }
  const { document, version } = decoded;
  const key = 'key' in document && kind === 'flag' ? document.key : 'id' in document ? String(document.id) : '';
  const environmentId = isJsonObject(input) && typeof input.envId === 'string' ? input.envId : undefined;
  return [{ kind, key, version, isArchived: document.isArchived, text: JSON.stringify(document), environmentId }];
}

/** What an agent asks for: everything, or what is newer in each environment. */
export interface AgentRequest {
  /** By environment; an environment that is not in it is sent whole. */
  readonly cursors: ReadonlyMap<string, number>;
  readonly isForEverything: boolean;
}

/** Reads the `data` of an agent's request; `undefined` when it cannot be answered. */
export function decodeAgentRequest(data: unknown): AgentRequest | undefined {
  if (!isJsonObject(data)) return undefined;
  const { timestamp = 0, envs = [] } = data;
  if (typeof timestamp !== 'number' || !Array.isArray(envs)) return undefined;
  const cursors = new Map<string, number>();
  for (const entry of envs) {
    if (!isJsonObject(entry) || typeof entry.envId !== 'string' || typeof entry.timestamp !== 'number') continue;
    cursors.set(entry.envId, entry.timestamp);
  }
  return { cursors, isForEverything: timestamp <= 0 };
}

/** Writes environments for agents. @param newer what each is sent. */
export function encodeItems(
  eventType: 'rp_full' | 'rp_patch',
  environments: readonly RelayedEnvironment[],
  newer: (environment: RelayedEnvironment) => ReturnType<RelayedEnvironment['replica']['everything']>['documents'],
): string {
  const items = environments.map((environment) => {
    const { id } = environment;
    const documents = newer(environment);
    const textOf = (kind: 'flag' | 'segment') =>
      documents.flatMap((document) => (document.kind === kind ? [wireText(document)] : [])).join(',');
    const secrets = eventType === 'rp_full' ? secretsOf(environment) : [];
    return `{"envId":${JSON.stringify(id)},"secrets":${JSON.stringify(secrets)},"featureFlags":[${textOf('flag')}],"segments":[${textOf('segment')}]}`;
  });
  return `{"eventType":"${eventType}","items":[${items.join(',')}]}`;
}

function secretsOf({ id, key, secrets }: RelayedEnvironment): readonly object[] {
  const colon = key.indexOf(':');
  const [projectKey, envKey] = colon < 0 ? ['relay', key] : [key.slice(0, colon), key.slice(colon + 1)];
  return secrets.map(({ kind, value }) => ({ type: kind, projectKey, envId: id, envKey, value }));
}

/** How an agent says that it stands. */
export function statusOf(environments: readonly RelayedEnvironment[], now: number): object {
  const isLive = environments.every(({ freshness }) => freshness.state === 'live');
  const isStarting = environments.every(({ freshness }) => freshness.state === 'starting');
  const synced = environments.map(({ freshness }) => freshness.answeredAt ?? 0);
  const lastSyncedAt = synced.length === 0 ? 0 : Math.min(...synced);
  return {
    ...summaryOf(environments),
    syncState: isLive && environments.length > 0 ? 'Stable' : isStarting ? 'Starting' : 'Interrupted',
    lastSyncedAt: lastSyncedAt === 0 ? null : new Date(lastSyncedAt).toISOString(),
    reportedAt: new Date(now).toISOString(),
  };
}

/** What an agent serves, and how far that is. */
export function summaryOf(environments: readonly RelayedEnvironment[]): { serves: string; dataVersion: number } {
  return {
    serves: environments.map(({ key }) => key).join(','),
    dataVersion: Math.max(0, ...environments.map(({ replica }) => replica.version)),
  };
}
