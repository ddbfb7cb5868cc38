import type { RecordedUser } from '../users/recorded-user.js';
import { escaped } from './json-text.js';
import { encodeUser } from './user-json.js';

/** One event. Its user and time are those of the call that made it. */
export type InsightEvent =
  | {
      readonly kind: 'evaluation';
      readonly user: RecordedUser;
      readonly timestamp: number;
      readonly flagKey: string;
      readonly variation: { readonly id: string; readonly value: string };
      readonly sendToExperiment: boolean;
    }
  | {
      readonly kind: 'metric';
      readonly user: RecordedUser;
      readonly timestamp: number;
      readonly eventName: string;
      readonly value: number;
    }
  | { readonly kind: 'identify'; readonly user: RecordedUser; readonly timestamp: number };

/** Names the program that reports; free text. */
const APP_TYPE = 'fbclient';

/** An estimate of the UTF-16 units that the event takes on the wire: exact enough to bound memory, cheap enough for every event. */
export function sizeOf(event: InsightEvent): number {
  const size = 200 + event.user.size;
  if (event.kind === 'evaluation') return size + event.flagKey.length + event.variation.value.length;
  return event.kind === 'metric' ? size + event.eventName.length : size;
}

/**
 * Events as the insight API takes them: a JSON array with one payload object for each.
 *
 * @param privateAttributes must not leave the process.
 */
export function encodeInsights(events: readonly InsightEvent[], privateAttributes: ReadonlySet<string>): string {
  let payloads = '';
  for (const event of events) payloads += `${payloads === '' ? '' : ','}${encodeInsight(event, privateAttributes)}`;
  return `[${payloads}]`;
}

/**
 * An event as the insight API takes it: one payload object. It is concatenated by hand, so that what repeats
 * from event to event (names, the variation served) is encoded once.
 *
 * @param privateAttributes must not leave the process.
 */
export function encodeInsight(event: InsightEvent, privateAttributes: ReadonlySet<string>): string {
  const user = event.user.json(encodeUser, privateAttributes);
  switch (event.kind) {
    case 'evaluation':
      return `${user}${served(event.flagKey, event.variation)}${timeText(event.timestamp)}${event.sendToExperiment ? IN_EXPERIMENT : IN_NONE}`;
    case 'metric':
      return `${user},"metrics":[{"appType":"${APP_TYPE}","route":"index/metric","type":"CustomEvent","eventName":"${escaped(event.eventName)}","numericValue":${event.value},"timestamp":${event.timestamp}}]}`;
    case 'identify':
      return `${user}}`;
  }
}

const IN_EXPERIMENT = ',"sendToExperiment":true}]}';
const IN_NONE = ',"sendToExperiment":false}]}';

let lastTime = 0;
let lastTimeText = '0';

/** A time as text. The events of one turn of the event loop mostly have the same, which saves 20 ns for each. */
function timeText(time: number): string {
  if (time !== lastTime) {
    lastTime = time;
    lastTimeText = String(time);
  }
  return lastTimeText;
}

/** For each variation that was served, the part of the payload before the time. */
const SERVED = new WeakMap<object, { readonly flagKey: string; readonly json: string }>();

function served(flagKey: string, variation: { readonly id: string; readonly value: string }): string {
  const known = SERVED.get(variation);
  if (known?.flagKey === flagKey) return known.json;
  const { id, value } = variation;
  const json = `,"variations":[{"featureFlagKey":"${escaped(flagKey)}","variation":{"id":"${escaped(id)}","value":"${escaped(value)}"},"timestamp":`;
  SERVED.set(variation, { flagKey, json });
  return json;
}
