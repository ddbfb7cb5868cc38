import type { IncomingHttpHeaders } from 'node:http';

/** A cookie that only the server sees. */
export interface CookieOptions {
  /** Whether browsers send it over HTTPS only. */
  readonly isSecure: boolean;
  /** `Lax` comes along when somebody follows a link from another site, `Strict` does not. */
  readonly sameSite: 'Strict' | 'Lax';
  /** In seconds; 0 takes the cookie away. */
  readonly maxAge: number;
}

/** The value of a cookie of a request; of several of one name, the first one. */
export function cookieIn({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of cookie.split(';')) {
    const [key, ...value] = part.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

/** A cookie as `Set-Cookie` has it. @param value characters that need no quotes, such as base64url has. */
export function cookieText(name: string, value: string, { isSecure, sameSite, maxAge }: CookieOptions): string {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', `SameSite=${sameSite}`];
  return [`${name}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}
