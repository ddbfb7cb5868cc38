import type { IncomingHttpHeaders } from 'node:http';

/** The center as the browser of a request sees it. */
export interface Site {
  /** Such as `https://flags.example.org`. */
  readonly origin: string;
  /** Whether the browser came by HTTPS, to a proxy that passes on what it gets. */
  readonly isSecure: boolean;
  /**
   * The name of the cookie with the session. Browsers take the prefix `__Host-` from this very host only, over HTTPS; without
   * it the port tells centers of one machine apart, which cookies would not.
   */
  readonly cookie: string;
}

/**
 * @param publicUrl where browsers find the center; absent = the request says it.
 * @param isEncrypted whether the request itself came by HTTPS.
 */
export function siteOf(headers: IncomingHttpHeaders, publicUrl?: string, isEncrypted = false): Site {
  const origin = publicUrl === undefined ? originIn(headers, isEncrypted) : new URL(publicUrl).origin;
  const isSecure = origin.startsWith('https:');
  const [, port = '80'] = /:(\d+)$/.exec(origin) ?? [];
  return { origin, isSecure, cookie: isSecure ? '__Host-fbcenter' : `fbcenter-${port}` };
}

/** Nobody can send another header of these names from a page: what they say counts for the browser that sends them, and for no other. */
function originIn(headers: IncomingHttpHeaders, isEncrypted: boolean): string {
  const [scheme] = String(headers['x-forwarded-proto'] ?? (isEncrypted ? 'https' : 'http')).split(',');
  return `${scheme?.trim().toLowerCase() === 'https' ? 'https' : 'http'}://${(headers.host ?? '').toLowerCase()}`;
}

/**
 * Which page made the browser send a request: one of the center, one of somebody else, or the request does not say, as that of
 * a program.
 */
export function senderOf(headers: IncomingHttpHeaders, { origin }: Site): 'own' | 'foreign' | 'unknown' {
  const site = headers['sec-fetch-site'];
  // It stays right when a proxy changes the host. Browsers send it over HTTPS and to localhost only.
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign';
  if (headers.origin === undefined) return 'unknown';
  return headers.origin.toLowerCase().replace(/:(?:80|443)$/, '') === origin.replace(/:(?:80|443)$/, '')
    ? 'own'
    : 'foreign';
}
