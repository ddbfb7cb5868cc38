/** Where SDKs stream; FeatBit takes it in any case, and with more after it. */
const PATH = /^\/streaming(?:\/|$)/i;

/** The query of an address at which SDKs stream; `undefined` of every other one. */
export function streamQueryOf(address: string | undefined): URLSearchParams | undefined {
  const url = parsed(address);
  return url !== undefined && PATH.test(url.pathname) ? url.searchParams : undefined;
}

/** `undefined` when it cannot be parsed. */
function parsed(address = ''): URL | undefined {
  try {
    return new URL(address, 'http://center');
  } catch {
    return undefined;
  }
}
