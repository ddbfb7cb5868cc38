/**
 * What an HTTP status says of a proxy in between: 407 comes from there, never from the server behind it.
 *
 * @returns what went wrong and what to do; `undefined` for every other status.
 */
export function proxyProblem(status: number | undefined): string | undefined {
  if (status !== 407) return undefined;
  return 'the proxy refused (HTTP status 407): check the user and password in the option proxy, or in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY';
}
