import type { Feed } from '../live/feed.js';
import type { SdkCaller } from '../model/caller.js';
import type { SecretKind } from '../model/environment.js';
import type { Connection } from './connection.js';
import type { ListedConnection, Progress } from './connection-list.js';
import type { Program } from './user-agent.js';

/** A connection that was let in: what is shown of it, and by which secret it came. */
export class LetIn implements ListedConnection {
  readonly environmentId: string;
  readonly kind: SecretKind;
  readonly secretId: string;
  readonly program: Program;
  readonly since: number;
  readonly connection: Connection;
  readonly #feed: Pick<Feed, 'pending'>;

  /** @param feed of the environment, which knows how many changes there are after a version. */
  constructor(
    { environment, secret, secretId }: SdkCaller,
    program: Program,
    since: number,
    connection: Connection,
    feed: Pick<Feed, 'pending'>,
  ) {
    this.environmentId = environment.id;
    this.kind = secret;
    this.secretId = secretId;
    this.program = program;
    this.since = since;
    this.connection = connection;
    this.#feed = feed;
  }

  progress(): Progress {
    const { sentVersion, isUpToDate } = this.connection.progress();
    // A browser is sent nothing of a change that is not for it: how many there are cannot be counted.
    const behind = this.kind === 'server' ? this.#feed.pending(sentVersion) : undefined;
    return { sentVersion, behind: isUpToDate ? 0 : behind };
  }
}
