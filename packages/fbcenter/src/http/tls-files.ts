import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { CenterError } from '../errors.js';
import { errorText, type Logger } from '../runtime/log.js';

/** Where a certificate and its key are, both as PEM. */
export interface TlsPaths {
  /** The certificate, with those between it and its authority behind it. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** How often it is looked whether the files are others, in milliseconds. Notifications of the system miss links that are exchanged, as Kubernetes does it. */
const INTERVAL = 5_000;

/**
 * The certificate that a server shows, from files that are exchanged when it is renewed. What cannot be used never takes the place of what can: it
 * is logged, and looked at again with the next change.
 */
export class TlsFiles {
  readonly #paths: TlsPaths;
  readonly #log: Logger;
  #current: Certificate;

  /** @throws CenterError when the files cannot be used. */
  constructor(paths: TlsPaths, log: Logger) {
    this.#paths = paths;
    this.#log = log;
    try {
      this.#current = readCertificate(paths);
    } catch (error) {
      throw new CenterError('bad-certificate', `The certificate cannot be used: ${errorText(error)}`, { cause: error });
    }
  }

  get current(): Certificate {
    return this.#current;
  }

  /** Reads the files anew. @returns whether there is another certificate now. */
  reload(): boolean {
    try {
      const next = readCertificate(this.#paths);
      if (next.cert === this.#current.cert && next.key === this.#current.key) return false;
      this.#current = next;
      this.#log.info('there is another certificate', { until: new X509Certificate(next.cert).validTo });
      return true;
    } catch (error) {
      this.#log.error('the certificate cannot be used, the one before is kept', { error: errorText(error) });
      return false;
    }
  }

  /** Reads the files anew whenever they have changed. @returns a function that ends this. */
  watch(changed: () => void, interval = INTERVAL): () => void {
    const look = () => {
      if (this.reload()) changed();
    };
    const paths = [this.#paths.cert, this.#paths.key];
    for (const path of paths) watchFile(path, { interval, persistent: false }, look);
    // What was exchanged before the first look of the watch is no change to it.
    const once = setTimeout(look, interval).unref();
    return () => {
      clearTimeout(once);
      for (const path of paths) unwatchFile(path, look);
    };
  }
}

/** @throws Error when one of them cannot be read, or they do not belong together; no message has anything of the key. */
function readCertificate({ cert: certPath, key: keyPath }: TlsPaths): Certificate {
  const [cert, key] = [readFileSync(certPath, 'utf8'), readFileSync(keyPath, 'utf8')];
  const certificate = parsed(certPath, () => new X509Certificate(cert));
  const privateKey = parsed(keyPath, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw new Error(`${keyPath} is not the key of ${certPath}`);
  parsed(certPath, () => createSecureContext({ cert, key }));
  return { cert, key };
}

function parsed<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(
      `${path} is no PEM file that can be used (${(error as { readonly code?: unknown }).code ?? 'unknown'})`,
    );
  }
}
