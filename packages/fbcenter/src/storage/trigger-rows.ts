import type { Trigger, TriggerAction } from '../model/trigger.js';

/** What is read of a trigger: never its digest. */
export const TRIGGER_COLUMNS =
  'id, environment_id, flag_key, name, action, start, is_enabled, created_by, created_at, uses, last_used_at';

export interface TriggerRow {
  readonly id: string;
  readonly environment_id: string;
  readonly flag_key: string;
  readonly name: string;
  readonly action: string;
  readonly start: string;
  readonly is_enabled: number | boolean;
  readonly created_by: string;
  readonly created_at: number;
  readonly uses: number;
  readonly last_used_at: number | null;
}

export function triggerOf(row: TriggerRow): Trigger {
  return {
    id: row.id,
    environmentId: row.environment_id,
    flagKey: row.flag_key,
    name: row.name,
    action: row.action as TriggerAction,
    start: row.start,
    isEnabled: Boolean(row.is_enabled),
    createdBy: row.created_by,
    createdAt: row.created_at,
    uses: row.uses,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
