import type { InsightEvent } from '../../src/protocol/insight.js';
import { RecordedUser } from '../../src/users/recorded-user.js';
import type { User } from '../../src/users/user.js';

/** An event that tells of a user; the key is its name in a test. */
export function identified(key: string, more: Omit<User, 'key'> = {}): InsightEvent {
  return { kind: 'identify', user: new RecordedUser({ key, ...more }), timestamp: 0 };
}

/** An event of an evaluation. */
export function evaluated(flagKey: string, userKey = 'ada', variationId = 'v-on', timestamp = 0): InsightEvent {
  const variation = { id: variationId, value: 'on' };
  const user = new RecordedUser({ key: userKey });
  return { kind: 'evaluation', user, timestamp, flagKey, variation, sendToExperiment: false };
}

/** An event of a metric. */
export function measured(eventName: string, userKey = 'ada', value = 1): InsightEvent {
  return { kind: 'metric', user: new RecordedUser({ key: userKey }), timestamp: 0, eventName, value };
}
