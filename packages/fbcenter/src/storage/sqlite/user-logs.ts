import type { LoggedEvent, ReadLog } from '../../experiments/counting/participant.js';
import type { MeasuredEvents } from './measured-events.js';
import type { UserChanges } from './unfolded.js';

type Logs = Map<number, LoggedEvent[]>;

interface UserEvent extends LoggedEvent {
  readonly user: number;
}

const NONE: readonly LoggedEvent[] = [];

/** What is known of some users' single events: those that are kept, and those that come meanwhile. */
export class UserLogs {
  readonly #events: MeasuredEvents;
  readonly #users: ReadonlySet<number>;
  readonly #from: number;
  /** By name and user; a name is read when it is asked for. */
  readonly #kept = new Map<string, ReadonlyMap<number, readonly LoggedEvent[]>>();
  readonly #fresh = new Map<string, { readonly all: UserEvent[]; readonly byUser: Logs }>();

  /**
   * @param users those who may be asked for.
   * @param from since when their events are of interest.
   */
  constructor(events: MeasuredEvents, users: ReadonlySet<number>, from: number) {
    this.#events = events;
    this.#users = users;
    this.#from = from;
  }

  /** Takes an event that comes. */
  add(name: string, { user, at, value }: UserEvent): void {
    let fresh = this.#fresh.get(name);
    if (fresh === undefined) {
      fresh = { all: [], byUser: new Map() };
      this.#fresh.set(name, fresh);
    }
    fresh.all.push({ user, at, value });
    const log = fresh.byUser.get(user);
    if (log === undefined) fresh.byUser.set(user, [{ at, value }]);
    else log.push({ at, value });
  }

  of(user: number): ReadLog {
    return (name, from, until) => {
      const kept = this.#keptOf(name).get(user) ?? NONE;
      const fresh = this.#fresh.get(name)?.byUser.get(user) ?? NONE;
      if (kept.length + fresh.length === 0) return NONE;
      const events = [...kept, ...fresh];
      // As whoever counts anew finds them: sums of the same numbers in another order are not the same.
      return events.filter(({ at }) => at >= from && at < until).sort((a, b) => a.at - b.at);
    };
  }

  /** Those that have come, to be kept. */
  fresh(): UserChanges['events'] {
    return [...this.#fresh].flatMap(([name, { all }]) => {
      const id = this.#events.findOrAdd(name);
      return all.map(({ user, at, value }) => [id, user, at, value] as const);
    });
  }

  #keptOf(name: string): ReadonlyMap<number, readonly LoggedEvent[]> {
    let kept = this.#kept.get(name);
    if (kept === undefined) {
      kept = this.#events.of(name, this.#users, this.#from);
      this.#kept.set(name, kept);
    }
    return kept;
  }
}
