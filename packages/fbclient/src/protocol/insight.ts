import { attributeText, isUser, readName, type User } from './user.js';

/** What an event was about; its user and time are those of the call that made it. */
export type InsightEvent =
  | {
      readonly kind: 'evaluation';
      readonly user: User;
      readonly timestamp: number;
      readonly flagKey: string;
      readonly variation: { readonly id: string; readonly value: string };
      readonly sendToExperiment: boolean;
    }
  | {
      readonly kind: 'metric';
      readonly user: User;
      readonly timestamp: number;
      readonly eventName: string;
      readonly value: number;
    }
  | { readonly kind: 'identify'; readonly user: User; readonly timestamp: number };

/** Tells the server which program reports; free text. */
const APP_TYPE = 'fbclient';

/**
 * A copy of a user as it is now. One level deep: what is nested is no attribute and is never read.
 *
 * @returns `undefined` when there is no user in it, or when it throws while it is read.
 */
export function snapshotOf(user: unknown): User | undefined {
  try {
    if (!isUser(user)) return undefined;
    const snapshot: unknown = { ...user };
    // Asked again: a getter may say something else the second time, and a hidden key is not copied.
    return isUser(snapshot) ? snapshot : undefined;
  } catch {
    return undefined;
  }
}

/**
 * About how many UTF-16 units the event will take on the wire; exact enough to bound memory, cheap enough to be asked of
 * every event.
 */
export function sizeOf(event: InsightEvent): number {
  let size = 200;
  const { user } = event;
  for (const attribute in user) {
    const value = user[attribute];
    size += attribute.length + 24 + (typeof value === 'string' ? value.length : 8);
  }
  if (event.kind === 'evaluation') return size + event.flagKey.length + event.variation.value.length;
  return event.kind === 'metric' ? size + event.eventName.length : size;
}

/**
 * An event as the insight API takes it: one payload object, as JSON text. Put together by hand: what repeats from event to
 * event (names, the variation served) is encoded once.
 *
 * @param isPrivate tells which attributes must not leave the process.
 */
export function encodeInsight(event: InsightEvent, isPrivate: ReadonlySet<string>): string {
  const user = encodeUser(event.user, isPrivate);
  switch (event.kind) {
    case 'evaluation':
      return `{"user":${user},"variations":[${served(event.flagKey, event.variation)}${event.timestamp},"sendToExperiment":${event.sendToExperiment}}]}`;
    case 'metric':
      return `{"user":${user},"metrics":[{"appType":"${APP_TYPE}","route":"index/metric","type":"CustomEvent","eventName":${quote(event.eventName)},"numericValue":${event.value},"timestamp":${event.timestamp}}]}`;
    case 'identify':
      return `{"user":${user}}`;
  }
}

function encodeUser(user: User, isPrivate: ReadonlySet<string>): string {
  let properties = '';
  for (const attribute of Object.keys(user)) {
    if (attribute === 'key' || attribute === 'name' || isPrivate.has(attribute)) continue;
    const value = attributeText(user[attribute]);
    if (value === undefined) continue;
    properties += `${properties === '' ? '' : ','}${property(attribute)}${quote(value)}}`;
  }
  const name = isPrivate.has('name') ? '' : readName(user);
  return `{"keyId":${quote(user.key)},"name":${quote(name)},"customizedProperties":[${properties}]}`;
}

/** The variations that were served, with all of their payload that is before the time. */
const SERVED = new WeakMap<object, { readonly flagKey: string; readonly json: string }>();

function served(flagKey: string, variation: { readonly id: string; readonly value: string }): string {
  const known = SERVED.get(variation);
  if (known?.flagKey === flagKey) return known.json;
  const { id, value } = variation;
  const json = `{"featureFlagKey":${quote(flagKey)},"variation":{"id":${quote(id)},"value":${quote(value)}},"timestamp":`;
  SERVED.set(variation, { flagKey, json });
  return json;
}

/** Attribute names that are known at once; an application has a few dozen. */
const MAX_PROPERTIES = 1_000;
const PROPERTIES = new Map<string, string>();

function property(attribute: string): string {
  let json = PROPERTIES.get(attribute);
  if (json === undefined) {
    json = `{"name":${JSON.stringify(attribute)},"value":`;
    if (PROPERTIES.size < MAX_PROPERTIES) PROPERTIES.set(attribute, json);
  }
  return json;
}

/** Visible ASCII and spaces, without the two characters that JSON escapes among them. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON text of a string. Most need no escapes, which is quicker to see than JSON.stringify is. */
function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
