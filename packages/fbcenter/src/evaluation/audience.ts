import { Occasion } from 'fbclient/core';
import type { Audience } from '../experiments/intake/gathering.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import { userOf } from './wire-user.js';

/** Who is left out of the experiments of an environment, by its flags and segments as they are now. */
export function audienceOf({ store }: CompiledFlags): Audience {
  return {
    isTargeted: (flagKey, userKey) => store.flag(flagKey)?.targeting().targets?.get(userKey) !== undefined,
    isInSegment(segmentId, sent) {
      const segment = store.segment(segmentId);
      const user = userOf(sent);
      if (segment === undefined || user === undefined) return false;
      return segment.contains(new Occasion(user, store)) === true;
    },
  };
}
