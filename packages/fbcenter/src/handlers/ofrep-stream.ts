import { openFeatureState } from '../evaluation/openfeature-flags.js';
import type { EventSource } from '../http/event-streams.js';
import type { LiveEnvironment } from '../live/environments.js';

/**
 * Sends an event whenever the flags that a reader may have are in another state than it knows; changes that come at once are one.
 *
 * @param known the state of the answer that the reader has: between an answer and the opening of a stream, and while a stream is interrupted,
 * nobody hears of changes, so the stream may begin with an event. Absent = the state when it opens.
 */
export function statesAfter(environment: LiveEnvironment, isClient: boolean, known: string | undefined): EventSource {
  return (send) => {
    const state = () => openFeatureState(environment.flags, isClient);
    let told = known ?? state();
    let due: NodeJS.Immediate | undefined;
    const look = () => {
      due = undefined;
      const id = state();
      if (id === told) return;
      told = id;
      const lastModified = Math.floor(environment.flags.version / 1_000);
      send({ id, event: 'message', data: { type: 'refetchEvaluation', etag: id, lastModified } });
    };
    look();
    const leave = environment.changes.join({
      wake: () => {
        // Of thousands that are imported each would be looked at.
        due ??= setImmediate(look);
      },
    });
    return () => {
      clearImmediate(due);
      leave();
    };
  };
}
