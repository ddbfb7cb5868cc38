import type { IdentityProvider, OidcFlow, OidcProblem } from '../access/identity-provider.js';
import type { SignIns } from '../access/sign-ins.js';
import { type Answer, empty } from '../http/answer.js';
import { cookieIn, cookieText } from '../http/cookies.js';
import type { Exchange } from '../http/exchange.js';
import type { Site } from '../http/site.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { sessionCookie, visitorOf } from './sessions.js';

/** Where the provider sends browsers back to; it has to know the address. */
const CALLBACK = '/api/v1/oidc/callback';
/** How long somebody may take at the provider, in seconds. */
const FLOW_LASTS = 600;

/** Signing in with the identity provider. What goes wrong is said on the page: nobody reads JSON in between. */
export function oidcHandlers(provider: IdentityProvider | undefined, signIns: SignIns) {
  return {
    /** Sends the browser to the provider. `to`: where the page is opened afterwards. */
    start: async ({ site, query }: Exchange): Promise<Answer> => {
      if (provider === undefined) throw new Refusal('not-found', 'This center has no identity provider.');
      const { url, flow } = await provider.begin(site.origin + CALLBACK);
      return redirect(url, [flowCookie(site, encode(flow, pathIn(query.get('to'))), FLOW_LASTS)]);
    },
    /** Where the provider sends the browser back to. */
    callback: async (exchange: Exchange): Promise<Answer> => {
      const { site, query, headers } = exchange;
      if (provider === undefined) throw new Refusal('not-found', 'This center has no identity provider.');
      const kept = decode(cookieIn(headers, flowCookieName(site)));
      const over = flowCookie(site, '', 0);
      // Without what the browser took along it may be somebody else's way back.
      if (kept === undefined) return sorry('expired', over);
      const outcome = await provider.complete(new URL(`${site.origin}${CALLBACK}?${query}`), kept.flow);
      if (typeof outcome === 'string') return sorry(outcome, over);
      const begun = await signIns.begin(outcome, visitorOf(exchange));
      if (begun === undefined) return sorry('disabled', over);
      return redirect(kept.to, [over, sessionCookie(begun.code, site)]);
    },
  };
}

function sorry(problem: OidcProblem | 'expired', cookie: string): Answer {
  return redirect(`/?problem=${problem}`, [cookie]);
}

function redirect(location: string, cookies: string[]): Answer {
  return empty(303, { location, 'set-cookie': cookies });
}

function flowCookieName({ cookie }: Site): string {
  return `${cookie}-oidc`;
}

/** It comes along when the provider sends the browser back, which is another site. */
function flowCookie(site: Site, value: string, maxAge: number): string {
  return cookieText(flowCookieName(site), value, { isSecure: site.isSecure, sameSite: 'Lax', maxAge });
}

/** A path of the page, and never another site's: a browser takes a backslash for a slash. */
function pathIn(to: string | null): string {
  return to !== null && /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(to) ? to : '/';
}

function encode(flow: OidcFlow, to: string): string {
  return Buffer.from(JSON.stringify({ flow, to })).toString('base64url');
}

function decode(text = ''): { readonly flow: OidcFlow; readonly to: string } | undefined {
  try {
    const kept: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!isJsonObject(kept) || !isJsonObject(kept.flow)) return undefined;
    const { state, nonce, verifier } = kept.flow;
    if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
    return { flow: { state, nonce, verifier }, to: pathIn(typeof kept.to === 'string' ? kept.to : null) };
  } catch {
    return undefined;
  }
}
