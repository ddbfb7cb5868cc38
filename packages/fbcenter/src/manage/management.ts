import { CenterError } from '../errors.js';
import { isJsonObject } from '../model/json.js';

/** Where the management API is, and who calls it. */
export interface ManagementOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** A credential. */
  readonly token: string;
  /** What the place is called in messages. @default the URL */
  readonly name?: string | undefined;
  /** Why something is changed, for the audit log. */
  readonly comment?: string | undefined;
  /** What all changes have in common, for the audit log. */
  readonly group?: string | undefined;
}

/** How long an answer may take, in milliseconds: a large environment is judged for seconds. */
const PATIENCE = 120_000;
/** Faults that are listed. */
const MAX_LISTED = 20;

/** One thing that is wrong with a document that was sent, and where. */
export interface RefusedFault {
  readonly path: string;
  readonly message: string;
}

/** The center has answered, and refuses what it was asked for. */
export class RefusedError extends CenterError {
  override readonly name: string = 'RefusedError';
  readonly status: number;
  /** What it is called in the API. */
  readonly reason: string;
  readonly faults: readonly RefusedFault[];

  constructor(message: string, status: number, reason: string, faults: readonly RefusedFault[]) {
    super('unreachable', message);
    this.status = status;
    this.reason = reason;
    this.faults = faults;
  }
}

interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The management API of a center, for programs that do what people ask for. Every failure is a {@link CenterError} that says what to do. */
export class Management {
  readonly name: string;
  readonly #options: ManagementOptions;

  constructor(options: ManagementOptions) {
    this.#options = options;
    this.name = options.name ?? options.url;
  }

  /**
   * The body of an answer. Its type is trusted: it is what the center's own schemas say.
   *
   * @param path after `/api/v1`.
   */
  async call<T>(path: string, sent: Sent = {}): Promise<T> {
    const text = await this.text(path, sent);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      throw new CenterError('unreachable', `${this.name} does not answer as a center does: is --url right?`, { cause });
    }
  }

  async text(path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<string> {
    const { url, token, comment, group } = this.#options;
    const note = {
      ...(comment !== undefined && { 'x-change-comment': encodeURIComponent(comment) }),
      ...(group !== undefined && { 'x-change-group': group }),
    };
    const init = {
      method,
      headers: { authorization: `Bearer ${token}`, ...(method === 'GET' ? {} : note), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE),
    };
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/api/v1${path}`, init);
      text = await response.text();
    } catch (cause) {
      throw new CenterError('unreachable', this.#unreachable(cause), { cause });
    }
    if (response.ok) return text;
    throw this.#refused(response.status, text);
  }

  #unreachable(error: unknown): string {
    if (error instanceof Error && error.name === 'TimeoutError') {
      return `${this.name} has not answered within ${PATIENCE / 1_000} s: look at it, then look what was changed`;
    }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
    return `No center answers at ${this.name}${cause ? ` (${cause})` : ''}: is it running, and is --url right?`;
  }

  #refused(status: number, text: string): RefusedError {
    const { code, message, faults } = refusalIn(text);
    if (status === 401) {
      const advice = 'give a good one with FBCENTER_ADMIN_TOKEN, FBCENTER_ADMIN_TOKEN_FILE or --admin-token-file';
      return new RefusedError(`${this.name} refuses the access token: ${advice}`, status, code, []);
    }
    const listed = faults
      .slice(0, MAX_LISTED)
      .map(({ path, message: fault }) => `\n  ${path === '' ? '' : `${path}: `}${fault}`);
    if (faults.length > listed.length) listed.push(`\n  and ${faults.length - listed.length} more`);
    return new RefusedError(`${message ?? `${this.name} answers ${status}.`}${listed.join('')}`, status, code, faults);
  }
}

function refusalIn(text: string): {
  readonly code: string;
  readonly message: string | undefined;
  readonly faults: readonly RefusedFault[];
} {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy in between has a page of its own.
  }
  const { code, message, faults } = isJsonObject(body) ? body : {};
  const list = Array.isArray(faults) ? faults.filter(isJsonObject) : [];
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : undefined,
    faults: list.map(({ path, message: fault }) => ({ path: String(path ?? ''), message: String(fault ?? '') })),
  };
}

/** The path of an environment. */
export function inEnvironment(key: string, rest = ''): string {
  return `/environments/${encodeURIComponent(key)}${rest}`;
}
