import { CENTER } from './model/actor.js';
import type { Clock } from './runtime/clock.js';
import { errorText, type Logger } from './runtime/log.js';
import type { Storage } from './storage/storage.js';

const DAY = 24 * 60 * 60 * 1_000;
/** What the setting is called where the center remembers what it was the last time. */
const KEPT_AS = 'audit-days';

interface RetentionParts {
  readonly storage: Pick<Storage, 'audit' | 'settings' | 'transact'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** How many days entries are kept; absent = for ever. */
  readonly days: number | undefined;
}

/** Forgets entries of the audit log that are older than they are to be kept: at the start and each day. */
export interface AuditRetention {
  /** Looks once; fulfils whatever comes of it. */
  sweep(): Promise<void>;
  stop(): void;
}

/** Begins, and writes down when the setting is another one than at the last start. */
export async function startAuditRetention({ storage, clock, log, days }: RetentionParts): Promise<AuditRetention> {
  await noteSetting(storage, days);
  const sweep = async () => {
    if (days === undefined) return;
    try {
      const entries = await storage.audit.forgetBefore(clock.now() - days * DAY);
      if (entries > 0) log.info('old entries of the audit log were forgotten', { entries, days });
    } catch (error) {
      log.warn('old entries of the audit log could not be forgotten', { error: errorText(error) });
    }
  };
  await sweep();
  const timer = setInterval(() => void sweep(), DAY);
  timer.unref();
  return { sweep, stop: () => clearInterval(timer) };
}

async function noteSetting(storage: RetentionParts['storage'], days: number | undefined): Promise<void> {
  const kept = await storage.settings.get(KEPT_AS);
  const now = days === undefined ? undefined : String(days);
  if ((kept || undefined) === now) return;
  await storage.transact(async ({ settings, audit }) => {
    await settings.save(KEPT_AS, now ?? '');
    await audit.append({
      actor: CENTER,
      action: 'update',
      subject: { kind: 'setting', key: KEPT_AS },
      before: { days: kept ? Number(kept) : null },
      after: { days: days ?? null },
    });
  });
}
