/** What a trigger does to its flag. */
export const TRIGGER_ACTIONS = ['on', 'off', 'toggle'] as const;
export type TriggerAction = (typeof TRIGGER_ACTIONS)[number];

/** An address that switches a flag: whoever has it needs nothing else. Times in Unix milliseconds. */
export interface Trigger {
  readonly id: string;
  readonly environmentId: string;
  readonly flagKey: string;
  /** What people call it by. */
  readonly name: string;
  readonly action: TriggerAction;
  /** How its token begins, by which people tell it from others. */
  readonly start: string;
  readonly isEnabled: boolean;
  /** The name of whoever made it. */
  readonly createdBy: string;
  readonly createdAt: number;
  /** How often it was used. */
  readonly uses: number;
  /** Absent = not yet. */
  readonly lastUsedAt: number | undefined;
}
