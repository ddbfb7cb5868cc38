import type { SdkName } from '../access/sdk-reactions.js';
import type { SyncStream } from '../live/stream.js';

/**
 * SDKs that cannot be given a patch of several documents: they take them in any order and refuse each that is not newer than all that
 * they hold. What they refuse they never ask for again, so a flag that changed while they were away would stay as it was for good.
 */
const ONE_BY_ONE: ReadonlySet<SdkName> = new Set(['go']);

/** The stream of an environment as an SDK can take it. */
export function feedFor(sdk: SdkName, feed: SyncStream): SyncStream {
  return ONE_BY_ONE.has(sdk) ? withoutLongPatches(feed) : feed;
}

/** Who lacks something gets everything. A push is of one document, and what nobody lacks is an empty patch. */
function withoutLongPatches(feed: SyncStream): SyncStream {
  const asked = (cursor: number): number => (feed.next(cursor) === undefined ? cursor : 0);
  return {
    join: (reader) => feed.join(reader),
    next: (cursor) => feed.next(cursor),
    expectedBytes: (cursor) => feed.expectedBytes(asked(cursor)),
    answer: (cursor) => feed.answer(asked(cursor)),
  };
}
