import type { Center } from '../../src/center.js';
import { undocumented } from './answer-check.js';

/** What a browser does with cookies and redirects, and nothing else of it. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` that came, the newest last. */
  readonly setCookies: string[] = [];

  /** Asks for a page or calls an API; follows no redirect. */
  async call(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) {
      this.setCookies.push(cookie);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /Max-Age=0\b|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Goes to an address and wherever it leads; stops before an address that `until` names. */
  async follow(url: string, until: (url: string) => boolean = () => false): Promise<{ url: string; answer: Response }> {
    let address = url;
    for (let steps = 0; steps < 20; steps++) {
      const answer = await this.call(address);
      const location = answer.headers.get('location');
      if (location === null) return { url: address, answer };
      await answer.arrayBuffer();
      const next = new URL(location, address).href;
      if (until(next)) return { url: next, answer };
      address = next;
    }
    throw new Error(`${url} leads on and on`);
  }

  /** Calls the management API of a center as a page of it does. Whatever is answered must be in the OpenAPI document. */
  async api(center: Pick<Center, 'url'>, method: string, path: string, body?: unknown, headers = {}): Promise<Called> {
    const answer = await this.call(`${center.url}/api/v1${path}`, {
      method,
      headers: { origin: center.url, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type');
    const exchanged = { method, path: `/api/v1${path}`, sent: body, status: answer.status, type, text };
    const problems = undocumented(exchanged);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const isJson = type?.startsWith('application/json') === true && text !== '';
    return { status: answer.status, body: isJson ? JSON.parse(text) : undefined, headers: answer.headers };
  }

  cookies(center: Pick<Center, 'url'>): ReadonlyMap<string, string> {
    return this.#cookies.get(new URL(center.url).host) ?? new Map();
  }

  /** Takes cookies over, as a thief does. */
  steal(center: Pick<Center, 'url'>, cookies: ReadonlyMap<string, string>): void {
    this.#cookies.set(new URL(center.url).host, new Map(cookies));
  }
}

export interface Called {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any;
  readonly headers: Headers;
}
