import type { EventSource } from '../http/event-streams.js';
import type { CompiledFlags } from '../live/compiled-environment.js';
import type { LiveEnvironment } from '../live/environments.js';

/**
 * The version with which the flags that a caller may have last became others; 0 when there are none. It says which state an answer is of: an
 * answer of another state may have other values.
 *
 * @param isClient whether the caller may have only flags that browsers may have.
 */
export function stateOf(flags: CompiledFlags, isClient: boolean): string {
  const latest = flags.inOrder().findLast(({ toClients }) => !isClient || toClients !== 'hidden');
  return String(latest?.valuesVersion ?? 0);
}

/**
 * Sends an event after changes; several that come at once are one.
 *
 * @param known the state of the answer that the reader has. When it is another one now, the stream begins with an event: between an answer
 * and the opening of a stream, and while a stream is interrupted, nobody hears of changes.
 */
export function changesFrom(environment: LiveEnvironment, isClient: boolean, known: string | undefined): EventSource {
  return (send) => {
    const { changes } = environment;
    let cursor = environment.flags.version;
    const state = () => stateOf(environment.flags, isClient);
    const notify = () => {
      const id = state();
      send({
        id,
        event: 'message',
        data: { type: 'refetchEvaluation', etag: id, lastModified: Math.floor(Number(id) / 1_000) },
      });
    };
    // An older one too: a center that has started anew, or another one, may not have come as far.
    if (known !== undefined && known !== state()) notify();
    return changes.join({
      wake: () => {
        let concerns = false;
        for (;;) {
          const change = changes.next(cursor);
          if (change === undefined) break;
          const isKnown = typeof change === 'object';
          concerns ||= !isKnown || isShown(environment, change.keys, isClient);
          cursor = isKnown ? change.version : environment.flags.version;
        }
        if (concerns) notify();
      },
    });
  };
}

/** A page need not ask again for flags that it may not have. */
function isShown({ flags }: LiveEnvironment, keys: readonly string[], isClient: boolean): boolean {
  return !isClient || keys.some((key) => flags.facts.get(key)?.toClients !== 'hidden');
}
