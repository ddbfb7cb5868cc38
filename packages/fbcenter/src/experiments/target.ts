import type { Actor } from '../model/actor.js';
import type { AuditDraft, ChangeNote } from '../model/audit.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';

/** Which experiment is meant, by whom, and on what condition. */
export interface ExperimentTarget {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly key: string;
  readonly by: Actor;
  /** Why, as the audit log keeps it. */
  readonly note?: ChangeNote | undefined;
  /** Whether it may be done to an experiment of this revision; `undefined` = to none yet. Absent = always. */
  readonly precondition?: ((revision: number | undefined) => boolean) | undefined;
}

/** @throws Refusal `version-mismatch` when it must not be done to an experiment of this revision. */
export function demandRevision({ precondition }: ExperimentTarget, revision: number | undefined): void {
  if (precondition?.(revision) === false) throw mismatch();
}

/** Somebody else was quicker. */
export function mismatch(): Refusal {
  return new Refusal(
    'version-mismatch',
    'The experiment has changed meanwhile: read it again, then repeat the change.',
  );
}

/** What the audit log says about an experiment. */
export function auditOf(
  { by: actor, note, environment, key }: ExperimentTarget,
  action: string,
): Omit<AuditDraft, 'before' | 'after'> {
  return { ...note, actor, action, subject: { kind: 'experiment', key, environment: environment.key } };
}
