import { LargeMessage, type Steps } from '../protocol/large-message.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';

/** Data that is still being read; nothing comes of what cannot be used, which has been logged by then. */
export type Reading = Steps<DataSync | undefined>;

/**
 * Reads the envelope of flags and segments: at once, or, where it is long, in the steps that it returns.
 *
 * @param source a message, a text or what was parsed.
 * @param ignored learns why it cannot be used.
 * @returns `undefined` when it cannot be used.
 */
export function readData(source: unknown, ignored: (problem: string) => void): DataSync | Reading | undefined {
  const large =
    source instanceof LargeMessage ? source : typeof source === 'string' ? LargeMessage.of(source) : undefined;
  if (large !== undefined) return readLarge(large, ignored);
  const data = decodeDataSyncEnvelope(source);
  if (data.ok) return data.value;
  ignored(data.problem);
  return undefined;
}

function* readLarge(message: LargeMessage, ignored: (problem: string) => void): Reading {
  const data = yield* message.dataSync();
  if (data.ok) return data.value;
  ignored(data.problem);
  return undefined;
}

export function isReading(data: DataSync | Reading): data is Reading {
  return 'next' in data;
}
