/**
 * What the suite and a driver say to each other: one JSON object a line, requests on the driver's standard input, replies
 * on its standard output. README.md tells the same in prose.
 */
import type { Reason, RequestedType } from '../reference/wire.js';

export const PROTOCOL_VERSION = 1;

/** What an SDK can offer; a case that needs what is not offered is skipped, with that as its reason. */
export const CAPABILITIES = {
  streaming: 'gets its data over the WebSocket',
  polling: 'gets its data by polling (create with mode "polling")',
  offline: 'runs without a server (create with offline: true)',
  bootstrap: 'takes a data-sync envelope at creation, when it is offline',
  disableEvents: 'can be told to send no events',
  initialized: 'tells whether it has usable data',
  status: 'tells NotReady, Ready, Stale or Closed',
  rawInput: 'takes users and flag keys of any JSON type, as an untyped caller could give them',
  allFlags: 'evaluates all flags for a user',
  track: 'records a metric',
  identify: 'records a user',
  flush: 'can be asked to send what waits',
  flushAndWait: 'can be waited for until everything recorded before is sent or finally failed',
  flagListeners: 'tells of changes of flags',
  valueListeners: 'tells of changes of a flag’s value for a user',
  logs: 'lets the application take its log',
  counters: 'counts the events that it dropped',
  mutateUser: 'the driver can change the very object it gave as a user, after the call',
  mutateValue: 'the driver can try to change a JSON value that it was given',
  makeToken: 'its connection token can be made for a given time and random number',
  eventQueueLimit: 'the length of its event queue can be set',
  resync: 'asks again, on the open stream and for everything, and can be told how often',
} as const;

export type Capability = keyof typeof CAPABILITIES;

export interface Hello {
  /** The SDK's name. */
  sdk: string;
  version: string;
  language?: string;
  capabilities: Capability[];
  /** The longest that the SDK waits, with the settings of `create`, before it connects again for the first time. */
  reconnectMs?: number;
}

/** Times and sizes that a driver passes on as far as its SDK lets it; all times in milliseconds. */
export interface ClientSettings {
  startWaitMs?: number;
  connectTimeoutMs?: number;
  firstRetryDelayMs?: number;
  maxRetryDelayMs?: number;
  pingIntervalMs?: number;
  pollingIntervalMs?: number;
  flushIntervalMs?: number;
  maxEventsInQueue?: number;
  eventRetryIntervalMs?: number;
  eventMaxRetries?: number;
  eventRequestTimeoutMs?: number;
  closeTimeoutMs?: number;
  /** Between two requests for what is new on an open stream. */
  resyncIntervalMs?: number;
  /** Between two requests for everything on an open stream. */
  fullResyncIntervalMs?: number;
  /** One of so many polls asks for everything. */
  pollsPerFullSync?: number;
}

export interface CreateRequest {
  secret?: string;
  mode?: 'streaming' | 'polling';
  streamingUrl?: string;
  pollingUrl?: string;
  eventUrl?: string;
  offline?: boolean;
  /** A data-sync envelope as text. */
  bootstrap?: string;
  disableEvents?: boolean;
  settings: ClientSettings;
}

/** An evaluation's result. What an SDK does not tell is left out, and not checked. */
export interface EvaluateReply {
  value: unknown;
  variationId?: string;
  reason?: Reason;
}

export interface AllFlagsReply {
  success?: boolean;
  flags: { flagKey: string; value: unknown; variationId?: string; reason?: Reason }[];
}

export interface Change {
  flagKey: string;
  /** The flag's string value for the listener's user, evaluated when the change was told. */
  value?: unknown;
}

export interface LogEntry {
  level: string;
  message: string;
}

/** Each operation's parameters and its result; all but hello, makeToken and exit carry `client`, a name of the suite's. */
export interface Operations {
  hello: { params: { protocol: number }; result: Hello };
  create: { params: CreateRequest; result: object };
  waitForInitialization: {
    params: { timeoutMs: number };
    result: { outcome: 'ready' | 'timeout' | 'failed' | 'closed' };
  };
  initialized: { params: object; result: { initialized: boolean } };
  status: { params: object; result: { status: 'NotReady' | 'Ready' | 'Stale' | 'Closed' } };
  evaluate: {
    params: { flag: unknown; user: unknown; type: RequestedType; default: unknown; mutateValue?: boolean };
    result: EvaluateReply;
  };
  allFlags: { params: { user: unknown }; result: AllFlagsReply };
  track: {
    params: { user: unknown; eventName: unknown; value?: unknown; mutateUser?: Record<string, string> };
    result: object;
  };
  identify: { params: { user: unknown; mutateUser?: Record<string, string> }; result: object };
  flush: { params: object; result: object };
  flushAndWait: { params: { timeoutMs: number }; result: { done: boolean } };
  listen: {
    params: {
      name: string;
      user: unknown;
      behaviour: 'record' | 'throw';
      /** Only changes of this flag's value for the user; otherwise changes of any flag. */
      ofFlag?: string;
    };
    result: object;
  };
  changes: { params: { name: string }; result: { changes: Change[] } };
  logs: { params: object; result: { entries: LogEntry[] } };
  counters: { params: object; result: { dropped: number } };
  makeToken: { params: { secret: string; timestamp: number; random: number }; result: { token: string } };
  close: { params: object; result: object };
  exit: { params: object; result: object };
}

export type Operation = keyof Operations;
