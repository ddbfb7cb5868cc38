import type { Exposure } from '../../src/events/recorder.js';
import type { InsightEvent } from '../../src/protocol/insight.js';
import { RecordedUser } from '../../src/users/recorded-user.js';
import type { User } from '../../src/users/user.js';

/** An event that reports a user; the key is its name in a test. */
export function identified(key: string, more: Omit<User, 'key'> = {}): InsightEvent {
  return { kind: 'identify', user: new RecordedUser({ key, ...more }), timestamp: 0 };
}

/** A variation that was served, outside of every experiment. */
export function exposure(flagKey: string, variationId = 'v-on'): Exposure {
  return { flag: { key: flagKey }, variation: { id: variationId, value: 'on' }, sendToExperiment: () => false };
}

/** An exposure whose event cannot be encoded. */
export const UNENCODABLE: Exposure = {
  ...exposure('flag'),
  variation: {
    get id(): string {
      throw new Error('MARKED');
    },
    value: 'on',
  },
};
