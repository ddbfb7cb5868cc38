import { type SyncError, sayTheSame, type UpstreamCommit, type UpstreamObserver } from 'fbclient/upstream';
import type { DocumentKind } from '../model/document.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';
import type { RelayedChanges } from './relayed-changes.js';
import type { RelayedEnvironment } from './relayed-environments.js';
import { Replica, type ReplicaChange, type UpstreamDocument } from './replica.js';
import type { SnapshotKeeper } from './snapshot-keeper.js';

export interface IntakeParts {
  readonly changes: Pick<RelayedChanges, 'report'>;
  /** Absent when nothing is kept on disk. */
  readonly snapshot: Pick<SnapshotKeeper, 'changed' | 'confirmed'> | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** Called each time that upstream has answered. */
  onAnswered(): void;
}

/** Takes in what upstream says of one environment, whichever way it comes. */
export class RelayIntake implements UpstreamObserver {
  readonly #environment: RelayedEnvironment;
  readonly #parts: IntakeParts;

  constructor(environment: RelayedEnvironment, parts: IntakeParts) {
    this.#environment = environment;
    this.#parts = parts;
  }

  committed({ eventType, documents, isAnswer, isInSync }: UpstreamCommit): void {
    const { replica } = this.#environment;
    const texts = documents.map(
      ({ document, ...rest }): UpstreamDocument => ({
        ...rest,
        text: JSON.stringify(document),
      }),
    );
    if (eventType === 'full') {
      this.#report(replica.full(texts));
    } else {
      this.#report(replica.patch(texts));
      if (isAnswer) this.#report(replica.answered());
    }
    if (isInSync) this.#heard();
  }

  answered(): void {
    this.#report(this.#environment.replica.answered());
    this.#heard();
  }

  alive(): void {
    this.#heard();
  }

  interrupted({ code }: Pick<SyncError, 'code'>): void {
    const { replica, freshness } = this.#environment;
    replica.connectionEnded();
    if (!freshness.interrupted()) return;
    this.#parts.log.warn('upstream is away: what was last known is served', { code, ...replica.counts });
  }

  refused({ code }: Pick<SyncError, 'code'>): void {
    const { replica, freshness } = this.#environment;
    replica.connectionEnded();
    if (!freshness.refused()) return;
    const serves = replica.isFilled ? 'what was last known is served' : 'there is nothing to serve';
    this.#parts.log.error('upstream refuses the relay: check the secret, and the clock of this machine', {
      code,
      serves,
    });
  }

  #heard(): void {
    const { replica, freshness } = this.#environment;
    const { clock, log, snapshot, onAnswered } = this.#parts;
    const now = clock.now();
    const away = freshness.age(now);
    const hadData = freshness.answeredAt !== undefined;
    if (freshness.heard(now)) {
      const fields = replica.counts;
      if (hadData && away !== undefined) {
        log.info('upstream is back', { ...fields, awaySeconds: Math.round(away / 1_000) });
      } else log.info('upstream has answered', fields);
    }
    snapshot?.confirmed();
    onAnswered();
  }

  #report(change: ReplicaChange): void {
    const isNews = change.kind === 'replaced' || change.documents.length > 0;
    if (isNews) this.#parts.changes.report(this.#environment, change);
    if (isNews || this.#environment.freshness.answeredAt === undefined) this.#parts.snapshot?.changed();
    if (change.kind === 'replaced') {
      this.#parts.log.warn('upstream has lost or taken back flags or segments: everybody is given everything anew', {
        ...this.#environment.replica.counts,
      });
    }
  }
}

/** A replica that holds nothing. */
export function newReplica(): Replica {
  return new Replica((kind: DocumentKind, one, other) => sayTheSame(kind, JSON.parse(one), JSON.parse(other)));
}
