import type { IncomingHttpHeaders } from 'node:http';

/** What a program says that it is. */
export interface Program {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Longest name and version that are shown, in characters: both come from outside. */
const LONGEST = 64;

/** SDKs where the runtime sets the header say it in another one. The first that is there counts. */
const HEADERS = ['x-featbit-user-agent', 'x-user-agent', 'user-agent'] as const;

/** Reads the program from a request's headers: of "fbclient/1.2.0 (node)" the first product, of a browser that it is one. */
export function programOf(headers: IncomingHttpHeaders): Program {
  for (const header of HEADERS) {
    const [value] = [headers[header] ?? []].flat();
    const [, name, version] = /^\s*([^\s/()]+)(?:\/(\S+))?/.exec(value ?? '') ?? [];
    if (name === undefined) continue;
    if (name === 'Mozilla') return { name: 'browser', version: undefined };
    return { name: name.slice(0, LONGEST), version: version?.slice(0, LONGEST) };
  }
  return { name: undefined, version: undefined };
}
