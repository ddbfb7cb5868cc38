import { describe, expect, it } from 'vitest';
import { cookieIn, cookieText } from '../../src/http/cookies.js';
import { senderOf, siteOf } from '../../src/http/site.js';

describe('the center as a browser sees it', () => {
  it.each<[Record<string, string>, string | undefined, string, boolean, string]>([
    [{ host: 'localhost:5100' }, undefined, 'http://localhost:5100', false, 'fbcenter-5100'],
    [{ host: 'flags.example' }, undefined, 'http://flags.example', false, 'fbcenter-80'],
    [{ host: '[::1]:5100' }, undefined, 'http://[::1]:5100', false, 'fbcenter-5100'],
    [{ host: 'FLAGS.example' }, undefined, 'http://flags.example', false, 'fbcenter-80'],
    [
      { host: 'flags.example', 'x-forwarded-proto': 'https' },
      undefined,
      'https://flags.example',
      true,
      '__Host-fbcenter',
    ],
    [
      { host: 'flags.example', 'x-forwarded-proto': 'HTTPS, http' },
      undefined,
      'https://flags.example',
      true,
      '__Host-fbcenter',
    ],
    [{ host: 'flags.example', 'x-forwarded-proto': 'http' }, undefined, 'http://flags.example', false, 'fbcenter-80'],
    [
      { host: 'flags.example', 'x-forwarded-proto': 'javascript' },
      undefined,
      'http://flags.example',
      false,
      'fbcenter-80',
    ],
    [{ host: 'evil.example' }, 'https://flags.example', 'https://flags.example', true, '__Host-fbcenter'],
    [{ 'x-forwarded-proto': 'https' }, 'http://10.0.0.1:80', 'http://10.0.0.1', false, 'fbcenter-80'],
    [{}, undefined, 'http://', false, 'fbcenter-80'],
  ])('by %j and %s', (headers, publicUrl, origin, isSecure, cookie) => {
    expect(siteOf(headers, publicUrl)).toEqual({ origin, isSecure, cookie });
  });

  it.each<[string, Record<string, string>, 'own' | 'foreign' | 'unknown']>([
    ['says nothing', {}, 'unknown'],
    ['has its origin', { origin: 'http://localhost:5100' }, 'own'],
    ['has its origin in capitals', { origin: 'HTTP://LOCALHOST:5100' }, 'own'],
    ['has another port', { origin: 'http://localhost:5101' }, 'foreign'],
    ['has another scheme', { origin: 'https://localhost:5100' }, 'foreign'],
    ['has another host', { origin: 'http://localhost.evil.example:5100' }, 'foreign'],
    ['has no origin that can be told', { origin: 'null' }, 'foreign'],
    ['has an empty one', { origin: '' }, 'foreign'],
    ['says that it is of the same origin', { 'sec-fetch-site': 'same-origin', origin: 'http://proxied' }, 'own'],
    ['says that it is a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:5100' }, 'foreign'],
    ['says that it is of elsewhere', { 'sec-fetch-site': 'cross-site' }, 'foreign'],
    ['says that somebody typed it', { 'sec-fetch-site': 'none' }, 'foreign'],
    ['says nonsense', { 'sec-fetch-site': 'SAME-ORIGIN' }, 'foreign'],
  ])('sends what %s', (_, headers, expected) => {
    expect(senderOf(headers, siteOf({ host: 'localhost:5100' }))).toBe(expected);
  });

  it('takes the port that goes without saying for none', () => {
    const site = siteOf({ host: 'flags.example:443', 'x-forwarded-proto': 'https' });
    expect(senderOf({ origin: 'https://flags.example' }, site)).toBe('own');
  });
});

describe('a cookie', () => {
  it.each([
    ['a=1', 'a', '1'],
    ['a=1; b=2', 'b', '2'],
    ['a=1;b=2', 'b', '2'],
    ['  a = 1 ; b=2', 'a', '1'],
    ['a=1; a=2', 'a', '1'],
    ['aa=1', 'a', undefined],
    ['A=1', 'a', undefined],
    ['a', 'a', ''],
    ['a=b=c', 'a', 'b=c'],
    ['', 'a', undefined],
    [undefined, 'a', undefined],
  ])('of %j by the name %s is %j', (cookie, name, expected) => {
    expect(cookieIn(cookie === undefined ? {} : { cookie }, name)).toBe(expected);
  });

  it.each([
    [{ isSecure: false, sameSite: 'Strict', maxAge: 5 }, 'n=v; Path=/; Max-Age=5; HttpOnly; SameSite=Strict'],
    [{ isSecure: true, sameSite: 'Lax', maxAge: 0 }, 'n=v; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure'],
  ] as const)('with %j is written as it should be', (options, expected) => {
    expect(cookieText('n', 'v', options)).toBe(expected);
  });
});
