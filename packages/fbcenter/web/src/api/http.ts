/** Why a call came to nothing, in the terms that the page explains it in. */
export type FailureKind =
  | 'offline'
  | 'signed-out'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'stale-version'
  | 'invalid'
  | 'too-many'
  | 'unavailable'
  | 'unexpected';

/** A part of a document that the server refused. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

interface FailureDetails {
  readonly faults?: readonly Fault[];
  readonly retryAfter?: number | undefined;
  readonly changedBy?: string | undefined;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: FailureKind;
  readonly faults: readonly Fault[];
  /** Milliseconds after which trying again makes sense, when the server says so. */
  readonly retryAfter: number | undefined;
  /** Who has changed what was to be changed, when somebody else was quicker. */
  readonly changedBy: string | undefined;

  constructor(kind: FailureKind, message: string, { faults = [], retryAfter, changedBy }: FailureDetails = {}) {
    super(message);
    this.kind = kind;
    this.faults = faults;
    this.retryAfter = retryAfter;
    this.changedBy = changedBy;
  }
}

/** An answer with the version of the document in it, as `If-Match` takes it. */
export interface Versioned<T> {
  readonly data: T;
  readonly version: number;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The version that the caller has seen: the call is refused when there is a newer one. */
  readonly version?: number;
  /** Only create: the call is refused when it is there already. */
  readonly isNew?: boolean;
  /** Why, for the audit log. */
  readonly comment?: string | undefined;
  /** What the changes of one act have in common. */
  readonly group?: string | undefined;
  readonly signal?: AbortSignal;
  /** How long the server may take, in milliseconds. @default 15 seconds */
  readonly patience?: number;
}

/** What the calls are made with beside the cookie of a session; replaced at sign-in. */
export interface Credentials {
  readonly token: string | undefined;
}

const API = '/api/v1';
/** A server that does not answer is reported, not waited for. */
const PATIENCE = 15_000;

/** Makes a call of the management API; every failure is an {@link ApiError}. */
export async function request<T>(
  credentials: Credentials,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Versioned<T>> {
  const { response, data } = await exchange(credentials, method, path, options);
  return { data: data as T, version: versionIn(response) };
}

/** An answer with what it is known by: sent back as `known`, it spares the answer that is already there. */
export interface Tagged<T> {
  readonly data: T;
  readonly tag: string | undefined;
}

/** Reads something unless the caller has it: then nothing is sent, and the answer is `undefined`. */
export async function requestNewer<T>(
  credentials: Credentials,
  path: string,
  options: CallOptions & { readonly known: string | undefined },
): Promise<Tagged<T> | undefined> {
  const { response, data } = await exchange(credentials, 'GET', path, options);
  return response.status === 304 ? undefined : { data: data as T, tag: response.headers.get('etag') ?? undefined };
}

/** Opens a stream of server-sent events, which `EventSource` could not: it sends no access token. */
export async function openStream(
  credentials: Credentials,
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const headers = new Headers({ accept: 'text/event-stream' });
  if (credentials.token !== undefined) headers.set('authorization', `Bearer ${credentials.token}`);
  const response = await fetch(API + path, { headers, cache: 'no-store', signal });
  if (!response.ok || response.body === null) throw failureOf(response, await response.text());
  return response.body;
}

/** Loads something whole, to be saved as a file. It may take as long as it takes. */
export async function download(credentials: Credentials, path: string, signal: AbortSignal): Promise<Blob> {
  const headers = new Headers();
  if (credentials.token !== undefined) headers.set('authorization', `Bearer ${credentials.token}`);
  const response = await fetch(API + path, { headers, cache: 'no-store', signal });
  if (!response.ok) throw failureOf(response, await response.text());
  return response.blob();
}

async function exchange(
  credentials: Credentials,
  method: string,
  path: string,
  {
    body,
    version,
    isNew,
    comment,
    group,
    known,
    signal,
    patience = PATIENCE,
  }: CallOptions & { readonly known?: string | undefined },
): Promise<{ readonly response: Response; readonly data: unknown }> {
  const headers = new Headers({ accept: 'application/json', 'x-requested-with': 'fbcenter' });
  if (credentials.token !== undefined) headers.set('authorization', `Bearer ${credentials.token}`);
  if (version !== undefined) headers.set('if-match', `"${version}"`);
  if (isNew === true) headers.set('if-none-match', '*');
  // A header takes no other characters than these.
  if (comment?.trim()) headers.set('x-change-comment', encodeURIComponent(comment.trim()));
  if (group !== undefined) headers.set('x-change-group', group);
  if (known !== undefined) headers.set('if-none-match', known);
  if (body !== undefined) headers.set('content-type', 'application/json');
  let response: Response;
  let text: string;
  try {
    const timeout = AbortSignal.timeout(patience);
    response = await fetch(API + path, {
      method,
      headers,
      cache: 'no-store',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError('offline', timedOut ? 'The server does not answer.' : 'The server cannot be reached.');
  }
  if (!response.ok && response.status !== 304) throw failureOf(response, text);
  return { response, data: text === '' ? undefined : parsed(text) };
}

function versionIn(response: Response): number {
  return Number(/\d+/.exec(response.headers.get('etag') ?? '')?.[0] ?? 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('unexpected', 'The answer is not JSON: is there a proxy between this page and the server?');
  }
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: 'invalid',
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  412: 'stale-version',
  413: 'invalid',
  422: 'invalid',
  428: 'stale-version',
  429: 'too-many',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

function failureOf(response: Response, text: string): ApiError {
  const { message, faults, current } = refusalIn(text);
  const author = isObject(current) ? current.changedBy : undefined;
  const seconds = Number(response.headers.get('retry-after'));
  return new ApiError(
    KINDS[response.status] ?? 'unexpected',
    typeof message === 'string' ? message : `The server answered ${response.status}.`,
    {
      faults: Array.isArray(faults) ? faults.filter(isFault) : [],
      retryAfter: seconds > 0 ? seconds * 1000 : undefined,
      changedBy: isObject(author) && typeof author.name === 'string' ? author.name : undefined,
    },
  );
}

/** What the server says of a refusal; nothing when it is a proxy's, which need not be JSON. */
function refusalIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const data: unknown = JSON.parse(text);
    return isObject(data) ? data : {};
  } catch {
    return {};
  }
}

function isFault(value: unknown): value is Fault {
  return isObject(value) && typeof value.path === 'string' && typeof value.message === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
