import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { siteOf } from '../../src/http/site.js';
import { anEnvironment } from './environments.js';

/** A request by nobody in particular, except for what a test says of it. */
export function exchangeOf(parts: Partial<EnvironmentExchange>): EnvironmentExchange {
  return {
    path: '/',
    params: {},
    query: new URLSearchParams(),
    headers: {},
    body: undefined,
    text: '',
    caller: { kind: 'anybody' },
    site: siteOf({ host: '127.0.0.1' }),
    address: '127.0.0.1',
    isGone: () => false,
    environment: anEnvironment(),
    ...parts,
  };
}
