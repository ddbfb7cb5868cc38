import { readFileSync } from 'node:fs';
import { type Center, startCenter } from 'fbcenter';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Program } from './program.js';

const { featureFlags: flags, segments } = JSON.parse(
  readFileSync(new URL('../flags.json', import.meta.url), 'utf8'),
).data;

let center: Center;
let variables: { FB_URL: string; FB_SECRET: string; FB_SECRET_PRODUCTION: string; PORT: string };

beforeEach(async () => {
  const withoutRollout = flags.filter(({ key }: { key: string }) => key !== 'banner');
  center = await startCenter({
    port: 0,
    environments: [
      { key: 'dev', flags, segments },
      { key: 'production', flags: withoutRollout, segments },
    ],
  });
  const [dev, production] = center.environments;
  variables = {
    FB_URL: center.url,
    FB_SECRET: dev?.serverSecret ?? '',
    FB_SECRET_PRODUCTION: production?.serverSecret ?? '',
    PORT: '0',
  };
  return () => center.close();
});

function admin(path: string, method = 'GET'): Promise<Response> {
  const headers = { Authorization: `Bearer ${center.adminToken}` };
  return fetch(`${center.url}/api/v1/environments/dev/${path}`, { method, headers });
}

/** How often each metric of the environment `dev` has arrived. */
async function metrics(): Promise<Record<string, number>> {
  const insights = (await (await admin('insights')).json()) as {
    readonly metrics: readonly { readonly eventName: string; readonly count: number }[];
  };
  return Object.fromEntries(insights.metrics.map(({ eventName, count }) => [eventName, count]));
}

/** How often each flag of the environment `dev` was evaluated. */
async function evaluations(): Promise<Record<string, number>> {
  const insights = (await (await admin('insights')).json()) as {
    readonly flags: readonly { readonly key: string; readonly count: number }[];
  };
  return Object.fromEntries(insights.flags.map(({ key, count }) => [key, count]));
}

/** How many SDKs stream the environment `dev` now. */
async function connections(): Promise<number> {
  const { count } = (await (await admin('connections')).json()) as { readonly count: number };
  return count;
}

describe('examples that print and end', { timeout: 120_000 }, () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  /** Runs an example in this process. @returns what it prints. */
  async function printed(name: string): Promise<string> {
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await import(`../${name}.ts`);
    return log.mock.calls.map(([line]) => `${line}\n`).join('');
  }

  it('file-source follows the file, and keeps the last good data', async () => {
    expect(await printed('file-source')).toBe(
      'ready\nfestive\nfestive → summer\nflags.json is not JSON: line 1, column 39: expected a value\nStale: summer\n',
    );
  });

  it('server-side-rendering puts the public flags into the page', async () => {
    const page = await printed('server-side-rendering');
    const [, json = ''] = /<script id="flags" type="application\/json">(.*)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toEqual({
      'shop-theme': 'festive',
      'max-items': 50,
      banner: { text: 'Free shipping', color: 'green' },
    });
  });

  it('experiment reports who saw what and who bought', async () => {
    expect(await printed('experiment')).toBe(
      'classic: 99 visitors\nsemantic: 101 visitors\nall sent: true\n440 events recorded, 440 sent\n',
    );
    expect(await metrics()).toEqual({ search: 200, 'order-value': 20, 'order-items': 20 });
  });

  it('shared-client has one client and one connection, also when the module is loaded anew', async () => {
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const first = await import('../shared-client.js');
    vi.resetModules();
    const second = await import('../shared-client.js');
    try {
      expect(log.mock.calls).toEqual([['shop-theme: dark'], ['shop-theme: dark']]);
      expect(second).not.toBe(first);
      expect(second.flags).toBe(first.flags);
      expect(await connections()).toBe(1);
    } finally {
      await first.flags.close();
      Reflect.deleteProperty(globalThis, 'shopFlags');
    }
  });

  it('environments tells what differs between two', async () => {
    expect(await printed('environments')).toBe(
      'banner: {"text":"Free shipping","color":"green"} in dev, no such flag in production\n',
    );
  });
});

describe('examples that are programs', { timeout: 120_000 }, () => {
  it.each(['fastify-service', 'express-service', 'hono-service', 'nestjs-service', 'worker-threads', 'cluster'])(
    '%s serves with flags, and sends its events before it ends',
    async (name) => {
      await using service = new Program(name, variables);
      const url = await service.says(/listening on (\S+)/);
      const page = await fetch(`${url}/?user=ada`);
      expect(await page.json()).toEqual({ theme: 'dark', checkout: true });
      expect(await service.end('SIGTERM')).toBe(0);
      expect(await evaluations()).toEqual({ 'new-checkout': 1, 'shop-theme': 1 });
    },
  );

  it.each(['worker-threads', 'cluster'])('%s has a client in each of its two', async (name) => {
    await using service = new Program(name, variables);
    await service.says(/listening on (\S+)/);
    await expect.poll(connections, { timeout: 30_000 }).toBe(2);
    expect(await service.end('SIGTERM')).toBe(0);
    await expect.poll(connections, { timeout: 30_000 }).toBe(0);
  });

  it('cluster starts another process for one that has crashed', async () => {
    await using service = new Program('cluster', variables);
    const url = await service.says(/(?:is listening on (\S+).*){2}/s);
    process.kill(Number(await service.says(/(\d+) is listening/)), 'SIGKILL');
    await service.says(/(?:is listening on.*){3}/s);
    await expect.poll(connections, { timeout: 30_000 }).toBe(2);
    expect(await (await fetch(`${url}/?user=ada`)).json()).toEqual({ theme: 'dark', checkout: true });
    expect(await service.end('SIGTERM')).toBe(0);
  });

  it('lambda-function sends the events of a call before it returns', async () => {
    await using program = new Program('lambda-function', variables);
    expect(await program.end()).toBe(0);
    expect(program.output).toBe('[{"theme":"dark"},{"theme":"light"}]\n');
    expect(await metrics()).toEqual({ 'page-view': 2 });
  });

  it('http-service serves with flags, hears of changes, and sends its events before it ends', async () => {
    await using service = new Program('http-service', variables);
    const url = await service.says(/listening on (\S+)/);
    expect(service.output).toContain('flags: ready');
    const page = async (query: string): Promise<unknown> => (await fetch(`${url}/?${query}`)).json();
    expect(await page('user=ada&country=DE')).toEqual({ theme: 'dark', checkout: 'new', maxItems: 10 });
    expect(await page('user=user-1&country=NZ')).toEqual({ theme: 'festive', checkout: 'old', maxItems: 10 });
    await admin('flags/new-checkout/toggle', 'POST');
    await service.says(/changed: new-checkout/);
    expect(await page('user=ada')).toEqual({ theme: 'dark', checkout: 'old', maxItems: 10 });
    expect(await service.end('SIGTERM')).toBe(0);
    expect(await metrics()).toEqual({ 'page-view': 3 });
  });

  it('graceful-shutdown answers its probes, and ends in order', async () => {
    await using service = new Program('graceful-shutdown', variables);
    const url = await service.says(/listening on (\S+)/);
    await service.says(/flags: Ready/);
    const probe = async (path: string): Promise<string> => {
      const response = await fetch(url + path);
      return `${response.status} ${(await response.text()).trim()}`;
    };
    expect(await probe('/health/ready')).toBe('200 Ready');
    expect(await probe('/health/live')).toBe('200 live');
    expect(await probe('/')).toBe('200 old checkout');
    await center.close();
    await service.says(/flags: Stale/);
    expect(await probe('/health/ready')).toBe('200 Stale');
    expect(await service.end('SIGTERM')).toBe(0);
    expect(service.output).toMatch(/flags: Closed.*\nended\n$/);
  });

  it('run gives an example a center of its own; offline.test is a test that passes', async () => {
    await using run = new Program('run', {}, ['offline.test']);
    expect(await run.end()).toBe(0);
    expect(run.output).toContain('flags/new-checkout/toggle');
    // The mark before it depends on the version of Node.js.
    expect(run.output).toMatch(/^\S+ pass 4\n\S+ fail 0$/m);
  });
});
