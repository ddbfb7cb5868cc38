/**
 * What an HTTP status says of a proxy in between: 407 comes from there, never from the server behind it.
 *
 * @returns what went wrong and what to do; `undefined` for every other status.
 */
export function proxyProblem(status: number | undefined): string | undefined {
  return status === 407 ? proxyRefusal(status) : undefined;
}

/** What to report about a proxy that does not let a connection through, and what to do about it. */
export function proxyRefusal(status: number): string {
  const remedy =
    status === 407
      ? 'check the user and password in the option proxy, or in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY'
      : 'it must let CONNECT through to this host and port, or NO_PROXY name the host';
  return `the proxy refused (HTTP status ${status}): ${remedy}`;
}
