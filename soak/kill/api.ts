import { TOKEN } from './center-process.js';

/** A flag as a center serves it. */
export interface ServedFlag {
  readonly key: string;
  readonly updatedAt: string;
  /** The number of its last change. */
  readonly name: string;
}

const FLAG = {
  variationType: 'boolean',
  variations: [
    { id: 'on', value: 'true' },
    { id: 'off', value: 'false' },
  ],
  isEnabled: true,
  disabledVariationId: 'off',
  fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
  // Makes documents differ in size, and some of them span pages.
  padding: '',
};

interface Secret {
  readonly id: string;
  readonly kind: string;
  readonly secret?: string;
}

/** The calls of a center that the soak makes. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @returns the version that the change got; `undefined` when it was not acknowledged. */
  async put(key: string, change: number): Promise<number | undefined> {
    try {
      const body = JSON.stringify({ ...FLAG, name: String(change), padding: 'x'.repeat((change * 37) % 3_000) });
      const answer = await this.#call('PUT', `/api/v1/environments/dev/flags/${key}`, body);
      await answer.text();
      return answer.ok ? Number(answer.headers.get('etag')?.replaceAll('"', '')) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The environments and, one by one, the secrets of the first. */
  async secrets(): Promise<string> {
    const environments = await (await this.#call('GET', '/api/v1/environments')).text();
    const path = '/api/v1/environments/dev/secrets';
    const { items } = (await (await this.#call('GET', path)).json()) as { readonly items: readonly Secret[] };
    const secrets = items.map(async ({ id }) => {
      const { kind, secret } = (await (await this.#call('GET', `${path}/${id}`)).json()) as Secret;
      return `${kind} ${secret}`;
    });
    return [environments, ...(await Promise.all(secrets))].join('\n');
  }

  /** What an SDK that holds `cursor` is given; `undefined` when there is nothing new. */
  async sync(secret: string, cursor: number): Promise<SyncData | undefined> {
    const path = `/api/public/sdk/server/latest-all?timestamp=${cursor}`;
    const answer = await fetch(this.#url + path, { headers: { authorization: secret } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`a poll was answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text).data;
  }

  #call(method: string, path: string, body?: string): Promise<Response> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return fetch(this.#url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  }
}

export interface SyncData {
  readonly eventType: 'full' | 'patch';
  readonly featureFlags: readonly ServedFlag[];
}

export function versionOf(flag: ServedFlag): number {
  return Date.parse(flag.updatedAt);
}
