import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(`./fault-tls/${name}`, import.meta.url), 'utf8');

/** The certificate of an authority that nobody knows; `fault-tls/README.md` tells how it was made. */
export const PRIVATE_CA = read('ca.pem');

/** A server's key and certificate by that authority, for `localhost` and 127.0.0.1. */
export const PRIVATE_SERVER = { key: read('server.key.pem'), cert: read('server.pem') };
