import { describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../../src/access/identity-provider.js';
import type { SignIns } from '../../src/access/sign-ins.js';
import { oidcHandlers } from '../../src/handlers/oidc.js';
import type { Answer } from '../../src/http/answer.js';
import { answerTo } from '../../src/http/refusals.js';
import { siteOf } from '../../src/http/site.js';
import { ALL_GRANTS } from '../../src/model/role.js';
import type { User } from '../../src/model/user.js';
import { exchangeOf } from '../support/exchange.js';

const FLOW = { state: 'a state', nonce: 'a nonce', verifier: 'a verifier' };
const SITE = siteOf({ host: 'flags.example.com', 'x-forwarded-proto': 'https' }, 'https://flags.example.com');
const ADA = { id: 'ada-id', name: 'Ada', grants: ALL_GRANTS, isDisabled: false } as User;

function world(
  outcome: Awaited<ReturnType<IdentityProvider['complete']>> = ADA,
  begun: { readonly code: string } | undefined = { code: 'the-code' },
) {
  const completed: { readonly url: string; readonly flow: unknown }[] = [];
  const provider = {
    begin: async (callback: string) => ({ url: `https://idp/authorize?redirect=${callback}`, flow: FLOW }),
    complete: async (url: URL, flow: unknown) => {
      completed.push({ url: url.href, flow });
      return outcome;
    },
  } as unknown as IdentityProvider;
  const signIns = { begin: async () => begun } as unknown as SignIns;
  return { ...oidcHandlers(provider, signIns), completed };
}

const cookiesOf = ({ headers }: Answer): readonly string[] => [headers?.['set-cookie'] ?? []].flat();
const shownBy = (cookie = ''): string => cookie.split(';')[0] ?? '';

/** Begins, and comes back with what the browser has kept. */
async function cameBack(handlers: ReturnType<typeof world>, to: string | null, kept?: string) {
  const query = new URLSearchParams(to === null ? {} : { to });
  const started = await handlers.start(exchangeOf({ site: SITE, query }));
  const cookie = kept ?? shownBy(cookiesOf(started)[0]);
  return handlers.callback(
    exchangeOf({ site: SITE, headers: { cookie }, query: new URLSearchParams({ code: 'c', state: 'a state' }) }),
  );
}

describe('signing in elsewhere', () => {
  it('sends the browser there, and has it keep what will be needed when it comes back', async () => {
    const answer = await world().start(exchangeOf({ site: SITE }));
    expect(answer).toMatchObject({
      status: 303,
      headers: { location: 'https://idp/authorize?redirect=https://flags.example.com/api/v1/oidc/callback' },
    });
    const [cookie] = cookiesOf(answer);
    expect(cookie).toMatch(/^__Host-fbcenter-oidc=[\w-]+;/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Max-Age=600/);
    expect(cookie).toMatch(/HttpOnly/);
  });

  it('signs in whoever comes back, takes away what was kept, and opens the page that was asked for', async () => {
    const handlers = world();
    const answer = await cameBack(handlers, '/env/dev/flags');
    expect([answer.status, answer.headers?.location]).toEqual([303, '/env/dev/flags']);
    expect(cookiesOf(answer).map(shownBy)).toEqual(['__Host-fbcenter-oidc=', '__Host-fbcenter=the-code']);
    expect(handlers.completed).toEqual([
      { url: 'https://flags.example.com/api/v1/oidc/callback?code=c&state=a+state', flow: FLOW },
    ]);
  });

  it.each<[to: string | null, opened: string]>([
    [null, '/'],
    ['', '/'],
    ['/', '/'],
    ['/env/dev/flags/f?tab=why#x', '/env/dev/flags/f?tab=why#x'],
    // Another site's, whatever it looks like.
    ['//evil.example', '/'],
    ['https://evil.example', '/'],
    ['/\\evil.example', '/'],
    ['\\\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['evil.example', '/'],
    ['/a b', '/'],
    ['/a\r\nset-cookie: x=y', '/'],
    ['/\u0000', '/'],
    ['/ä', '/'],
  ])('with ?to=%j opens %j afterwards', async (to, opened) => {
    expect((await cameBack(world(), to)).headers?.location).toBe(opened);
  });

  it.each([
    ['nothing', ''],
    ['another cookie', 'other=x'],
    ['half of it', '__Host-fbcenter-oidc=eyJmbG93Ijp7InN0YXRlIjoi'],
    ['what is no JSON', '__Host-fbcenter-oidc=bm90IGpzb24'],
    ['no flow', `__Host-fbcenter-oidc=${Buffer.from('{}').toString('base64url')}`],
    [
      'a flow without a nonce',
      `__Host-fbcenter-oidc=${Buffer.from('{"flow":{"state":"s","verifier":"v"}}').toString('base64url')}`,
    ],
    [
      'a flow of numbers',
      `__Host-fbcenter-oidc=${Buffer.from('{"flow":{"state":1,"nonce":2,"verifier":3}}').toString('base64url')}`,
    ],
    ['null', `__Host-fbcenter-oidc=${Buffer.from('null').toString('base64url')}`],
  ])('is over when the browser comes back with %s: nobody is asked', async (_, cookie) => {
    const handlers = world();
    const answer = await cameBack(handlers, '/', cookie);
    expect([answer.headers?.location, cookiesOf(answer).map(shownBy)]).toEqual([
      '/?problem=expired',
      ['__Host-fbcenter-oidc='],
    ]);
    expect(handlers.completed).toEqual([]);
  });

  it.each(['no-role', 'disabled', 'refused', 'unavailable'] as const)(
    'that ends with %s says so on the page, without a session',
    async (problem) => {
      const answer = await cameBack(world(problem), '/env/dev');
      expect([answer.headers?.location, cookiesOf(answer).map(shownBy)]).toEqual([
        `/?problem=${problem}`,
        ['__Host-fbcenter-oidc='],
      ]);
    },
  );

  it('of one who was disabled or removed meanwhile ends without a session', async () => {
    const { start, callback } = oidcHandlers(
      {
        begin: async () => ({ url: 'https://idp', flow: FLOW }),
        complete: async () => ADA,
      } as unknown as IdentityProvider,
      { begin: async () => undefined } as unknown as SignIns,
    );
    const started = await start(exchangeOf({ site: SITE }));
    const cookie = shownBy(cookiesOf(started)[0]);
    const answer = await callback(exchangeOf({ site: SITE, headers: { cookie } }));
    expect([answer.headers?.location, cookiesOf(answer).map(shownBy)]).toEqual([
      '/?problem=disabled',
      ['__Host-fbcenter-oidc='],
    ]);
  });

  it('is not there where there is no identity provider', async () => {
    const handlers = oidcHandlers(undefined, {} as SignIns);
    for (const handler of [handlers.start, handlers.callback]) {
      const answer = await handler(exchangeOf({ site: SITE })).catch(answerTo);
      expect(answer).toMatchObject({
        status: 404,
        body: { value: { code: 'not-found', message: 'This center has no identity provider.' } },
      });
    }
  });
});
