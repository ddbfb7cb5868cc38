import { errorName } from '../runtime/contain.js';
import { judgeHttp } from '../runtime/http-verdict.js';
import type { HttpOutcome } from '../runtime/platform.js';
import type { DataSink, DataSource, SourceError } from '../sync/data-source.js';
import { edgePlatform } from './edge-platform.js';

/**
 * Brings the environment's data: a data-sync envelope as text or object (what `GET /api/public/sdk/server/latest-all` answers);
 * `null` or `undefined` when there is none. May throw or reject.
 */
export type LoadFlags = () => unknown;

/** Loading failed, with the words for the application. Whatever else is thrown is named only: it may quote anything. */
class LoadError extends Error {
  readonly reported: SourceError;

  constructor(reported: SourceError) {
    super(reported.message);
    this.reported = reported;
  }
}

/** A source that brings data when it is asked for. */
export class LoadedSource implements DataSource {
  #sink: DataSink | undefined;

  start(sink: DataSink): void {
    this.#sink = sink;
  }

  close(): void {
    this.#sink = undefined;
  }

  /** @returns whether the data is in use. Never rejects. */
  async load(loader: LoadFlags): Promise<boolean> {
    try {
      const envelope = await loader();
      const sink = this.#sink;
      if (sink === undefined) return false;
      if (envelope === undefined || envelope === null) {
        sink.interrupted({ code: 'source-failed', message: 'load() has brought nothing' });
        return false;
      }
      if (await sink.accept(envelope)) return true;
      sink.interrupted({ code: 'bad-answer', message: 'load() has brought something that is no data-sync envelope' });
    } catch (error) {
      const message = `load() failed (${errorName(error)})`;
      const reported: SourceError = error instanceof LoadError ? error.reported : { code: 'source-failed', message };
      if (reported.code === 'rejected') this.#sink?.failed(reported);
      else this.#sink?.interrupted(reported);
    }
    return false;
  }
}

export interface ServerSettings {
  readonly url: string;
  readonly secret: string;
  readonly timeout: number;
  readonly maxMessageSize: number;
}

/** Asks a flag server for everything. */
export function serverLoader({ url, secret, timeout, maxMessageSize }: ServerSettings): LoadFlags {
  return async () => {
    const outcome = await new Promise<HttpOutcome>((resolve) => {
      edgePlatform.network({ proxy: false, ca: undefined, rejectUnauthorized: true, maxMessageSize }).request(
        {
          method: 'GET',
          url: `${url}/api/public/sdk/server/latest-all`,
          headers: { Authorization: secret },
          timeout,
          maxBody: maxMessageSize,
        },
        resolve,
      );
    });
    const verdict = judgeHttp(outcome, edgePlatform.clock.now());
    if (verdict.kind === 'done') return verdict.body;
    if (verdict.kind !== 'unauthorized') {
      throw new LoadError({ code: 'connect-failed', message: `the flags could not be loaded (${verdict.problem})` });
    }
    const check = 'check that envSecret is the server secret of this environment';
    throw new LoadError({
      code: 'rejected',
      message: `the server refused the environment secret (${verdict.problem}): ${check}`,
    });
  };
}
