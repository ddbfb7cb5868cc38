import type { UpstreamCommit } from 'fbclient/upstream';
import { isJsonObject } from '../../model/json.js';
import { errorText, type Logger } from '../../runtime/log.js';
import type { Intakes } from '../intakes.js';
import type { PrivateFiles } from '../private-files.js';
import type { EnvironmentIdentity, RelayedEnvironments } from '../relayed-environments.js';
import type { UpstreamDocument } from '../replica.js';
import type { AgentData, AgentDocument } from './agent-message.js';

/** Which environments there were, with their secrets: a credential in a file that its owner alone may read. */
const FILE = 'environments.json';

export interface AgentIntakeParts {
  readonly environments: RelayedEnvironments;
  readonly intakes: Intakes;
  readonly files: PrivateFiles | undefined;
  readonly log: Logger;
  /** What comes was posted, and gets older from then on: nobody says when it changes. */
  readonly isPosted: boolean;
  /** Other environments are served than before, or others of their secrets count. */
  onEnvironments(): void;
}

/** Takes in what is told to agents: which environments there are, by what secrets, and what is in them. */
export class AgentIntake {
  readonly #parts: AgentIntakeParts;
  #kept = '';

  constructor(parts: AgentIntakeParts) {
    this.#parts = parts;
  }

  /** Serves the environments of an earlier run. Never rejects. */
  async restore(): Promise<void> {
    const { files, intakes, log } = this.#parts;
    try {
      const bytes = await files?.read(FILE);
      if (bytes === undefined) return;
      this.#kept = bytes.toString('utf8');
      const list: unknown = JSON.parse(this.#kept);
      for (const identity of Array.isArray(list) ? list.filter(isIdentity) : []) await intakes.add(identity);
    } catch (error) {
      log.error('the environments of an earlier run cannot be read', { error: errorText(error) });
    }
  }

  /** @returns whether upstream is to be asked once more, because what it pushed before is not in what it sent. */
  async take(data: AgentData): Promise<boolean> {
    const { environments, intakes, log } = this.#parts;
    if (data.eventType === 'patch') {
      this.#push(data.documents);
      return false;
    }
    for (const { identity, documents } of data.items) {
      const known = environments.byId(identity.id);
      // Changes come without the secrets.
      const { intake } = await intakes.add(
        data.eventType === 'rp_full' || known === undefined ? identity : { ...identity, ...known },
      );
      intake.committed(commitOf(data.eventType === 'rp_full' ? 'full' : 'patch', documents, true));
      if (this.#parts.isPosted) environments.byId(identity.id)?.freshness.interrupted();
    }
    if (data.eventType === 'rp_patch') return false;
    const served = new Set(data.items.map(({ identity }) => identity.id));
    for (const { id, key } of environments.all) {
      if (served.has(id)) continue;
      log.warn('upstream does not give an environment to this relay any more: it is not served', { environment: key });
      environments.remove(id);
    }
    await this.#keep(data.items.map(({ identity }) => identity));
    return environments.all.some(({ replica }) => replica.isContested);
  }

  /** By environment: each document says which one it is of. */
  #push(documents: readonly AgentDocument[]): void {
    const { intakes, log } = this.#parts;
    const byEnvironment = new Map<string, UpstreamDocument[]>();
    for (const { environmentId = '', ...document } of documents) {
      byEnvironment.set(environmentId, [...(byEnvironment.get(environmentId) ?? []), document]);
    }
    for (const [id, own] of byEnvironment) {
      const intake = intakes.of(id);
      if (intake === undefined) log.warn('upstream has pushed a change of an environment that is not served');
      else intake.committed(commitOf('patch', own, false));
    }
  }

  async #keep(identities: readonly EnvironmentIdentity[]): Promise<void> {
    const { files, log } = this.#parts;
    const text = JSON.stringify(identities);
    if (text === this.#kept) return;
    this.#kept = text;
    this.#parts.onEnvironments();
    try {
      await files?.write(FILE, text);
    } catch (error) {
      log.error('the environments cannot be kept on disk: the next start needs upstream', { error: errorText(error) });
    }
  }
}

function commitOf(
  eventType: UpstreamCommit['eventType'],
  documents: readonly UpstreamDocument[],
  isAnswer: boolean,
): UpstreamCommit {
  return {
    eventType,
    documents: documents.map(({ text, ...document }) => ({ ...document, document: JSON.parse(text) })),
    isAnswer,
    isInSync: isAnswer,
  };
}

function isIdentity(value: unknown): value is EnvironmentIdentity {
  return (
    isJsonObject(value) && typeof value.id === 'string' && typeof value.key === 'string' && Array.isArray(value.secrets)
  );
}
