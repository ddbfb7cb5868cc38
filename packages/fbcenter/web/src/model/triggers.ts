import type { TriggerBody } from '../../../src/api/triggers.js';
import type { TriggerAction } from '../../../src/model/trigger.js';
import { count } from './words.js';

/** What a trigger does, as what is chosen. */
export const ACTION_NAMES: Readonly<Record<TriggerAction, string>> = {
  on: 'Switch the flag on',
  off: 'Switch the flag off',
  toggle: 'Switch the flag over: on when it is off, off when it is on',
};

/** What a trigger does, as the end of a sentence that begins with it. */
export const ACTION_TEXTS: Readonly<Record<TriggerAction, string>> = {
  on: 'switches the flag on',
  off: 'switches the flag off',
  toggle: 'switches the flag over',
};

/** "used 3 times"; the time of the last one stands beside it. */
export function usesText({ uses }: Pick<TriggerBody, 'uses'>): string {
  if (uses === 0) return 'never used';
  return uses === 1 ? 'used once' : `used ${count(uses, 'time')}`;
}

/** The line that uses a trigger; an address in quotes goes through every shell as it is. */
export function curlOf(address: string): string {
  return `curl -X POST '${address}'`;
}
