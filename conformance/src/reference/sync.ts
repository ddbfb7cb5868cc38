/** Naive decoding and store: plain lists, each entity checked field by field in the order of the data page. */
import type { Environment, Flag, Segment } from './wire.js';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isListOf = (value: unknown, item: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every((element) => item(element));

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)$/;

/** An `updatedAt` as Unix milliseconds, or undefined if it is not one. */
export function versionOf(updatedAt: unknown): number | undefined {
  if (!isText(updatedAt)) return undefined;
  const parts = ISO.exec(updatedAt);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const zone = parts[8] ?? 'Z';
  let offset = 0;
  if (zone !== 'Z') {
    const [hours, minutes] = zone.slice(1).split(':').map(Number) as [number, number];
    if (hours > 23 || minutes > 59) return undefined;
    offset = (hours * 60 + minutes) * (zone.startsWith('-') ? -1 : 1);
  }
  return midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
}

const isCondition = (value: unknown): boolean =>
  isObject(value) && isText(value.property) && isTextOrNull(value.op) && isTextOrNull(value.value);

const isRollout = (value: unknown): boolean => isListOf(value, isFiniteNumber) && (value as unknown[]).length === 2;

const isRolloutVariation = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.id) &&
  isRollout(value.rollout) &&
  isFiniteNumber(value.exptRollout) &&
  value.exptRollout >= 0;

const isServe = (value: unknown): value is Fields =>
  isObject(value) && isBoolean(value.includedInExpt) && isListOf(value.variations, isRolloutVariation);

/** Whether a flag document can be decoded. Only the fields that evaluation or versions need are looked at. */
export function isFlag(value: unknown): value is Flag {
  return (
    isObject(value) &&
    isText(value.key) &&
    value.key.trim() !== '' &&
    versionOf(value.updatedAt) !== undefined &&
    isBoolean(value.isArchived) &&
    isBoolean(value.isEnabled) &&
    isBoolean(value.exptIncludeAllTargets) &&
    isText(value.disabledVariationId) &&
    isListOf(value.variations, (item) => isObject(item) && isText(item.id) && isText(item.value)) &&
    isListOf(
      value.targetUsers,
      (item) => isObject(item) && isListOf(item.keyIds, isText) && isText(item.variationId),
    ) &&
    isListOf(value.rules, (item) => isServe(item) && isListOf(item.conditions, isCondition)) &&
    isServe(value.fallthrough)
  );
}

/** Whether a segment document can be decoded. */
export function isSegment(value: unknown): value is Segment {
  return (
    isObject(value) &&
    isText(value.id) &&
    value.id.trim() !== '' &&
    versionOf(value.updatedAt) !== undefined &&
    isBoolean(value.isArchived) &&
    isListOf(value.included, isText) &&
    isListOf(value.excluded, isText) &&
    isListOf(value.rules, (item) => isObject(item) && isListOf(item.conditions, isCondition))
  );
}

export interface ApplyResult {
  /** False where the text is not a good data-sync envelope, so that nothing changed. */
  accepted: boolean;
  /** How many entities inside a good envelope could not be decoded. */
  skipped: number;
}

/** Everything that an environment's messages have left behind. */
export class ReferenceStore {
  initialized = false;
  #flags: Flag[] = [];
  #segments: Segment[] = [];

  /** Takes one text frame. */
  apply(text: string): ApplyResult {
    const data = envelopeOf(text);
    if (data === undefined) return { accepted: false, skipped: 0 };
    const flags = data.featureFlags.filter(isFlag);
    const segments = data.segments.filter(isSegment);
    if (data.eventType === 'full') {
      this.#flags = flags;
      this.#segments = segments;
    } else {
      for (const flag of flags) this.#flags = merged(this.#flags, flag, (item) => item.key === flag.key);
      for (const segment of segments) {
        this.#segments = merged(this.#segments, segment, (item) => item.id === segment.id);
      }
    }
    this.initialized = true;
    const sent = data.featureFlags.length + data.segments.length;
    return { accepted: true, skipped: sent - flags.length - segments.length };
  }

  get environment(): Environment {
    return { flags: this.#flags, segments: this.#segments };
  }

  /** The greatest version held, 0 for an empty store. */
  get cursor(): number {
    const versions = [...this.#flags, ...this.#segments].map((entity) => versionOf(entity.updatedAt) ?? 0);
    return Math.max(0, ...versions);
  }
}

interface DataSync {
  eventType: 'full' | 'patch';
  featureFlags: unknown[];
  segments: unknown[];
}

function envelopeOf(text: string): DataSync | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message) || message.messageType !== 'data-sync' || !isObject(message.data)) return undefined;
  const { eventType, featureFlags, segments } = message.data;
  if (eventType !== 'full' && eventType !== 'patch') return undefined;
  if (!Array.isArray(featureFlags) || !Array.isArray(segments)) return undefined;
  return { eventType, featureFlags, segments };
}

function merged<T extends { updatedAt: string }>(held: T[], incoming: T, same: (item: T) => boolean): T[] {
  const former = held.find(same);
  if (former === undefined) return [...held, incoming];
  const isNewer = (versionOf(incoming.updatedAt) ?? 0) > (versionOf(former.updatedAt) ?? 0);
  return isNewer ? held.map((item) => (same(item) ? incoming : item)) : held;
}
