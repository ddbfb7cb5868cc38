// When a file is looked at, read and offered, as a pure machine: one look at a time, and again when the file gives a sign meanwhile.

/** How long the writer is given to finish after a first sign that the file changes, in milliseconds. */
const SETTLE = 25;

export interface FollowingState {
  readonly phase: 'waiting' | 'settling' | 'looking' | 'reading' | 'checking' | 'offering' | 'closed';
  /** From one look to the next when the file gives no sign, in milliseconds. */
  readonly interval: number;
  /** What the last look that was gone through with had seen, or why it failed; what looks the same is not read again. */
  readonly seen: string;
  /** What this look has seen. */
  readonly sees: string;
  /** The text that was read, until it is clear what comes of it. */
  readonly text: string | undefined;
  /** The text that is in use. */
  readonly inUse: string | undefined;
  /** Whether the file has given a sign since this look began. */
  readonly signalled: boolean;
}

export type FollowingEvent =
  | { readonly type: 'start' }
  /** The operating system says that something in the folder has changed. */
  | { readonly type: 'sign' }
  | { readonly type: 'timer' }
  /** `sees` is another text whenever the file may be another one. */
  | { readonly type: 'looked'; readonly sees: string }
  | { readonly type: 'read'; readonly text: string }
  /** The look or the reading failed, for example with `ENOENT`. */
  | { readonly type: 'failed'; readonly name: string }
  | { readonly type: 'checked'; readonly problem?: string }
  | { readonly type: 'offered'; readonly isTaken: boolean }
  | { readonly type: 'close' };

export type FollowingEffect =
  | { readonly do: 'set-timer'; readonly milliseconds: number }
  | { readonly do: 'clear-timer' }
  | { readonly do: 'look' }
  | { readonly do: 'read' }
  /** Is it whole and sound? */
  | { readonly do: 'check'; readonly text: string }
  | { readonly do: 'offer' }
  /** What is in use is what the file has. */
  | { readonly do: 'confirm' }
  | { readonly do: 'interrupt'; readonly problem: string }
  | { readonly do: 'abandon' };

export interface FollowingStep {
  readonly state: FollowingState;
  readonly effects: readonly FollowingEffect[];
}

export function notFollowed(interval: number): FollowingState {
  return { phase: 'waiting', interval, seen: '', sees: '', text: undefined, inUse: undefined, signalled: false };
}

export function followingStep(state: FollowingState, event: FollowingEvent): FollowingStep {
  if (state.phase === 'closed') return { state, effects: [] };
  switch (event.type) {
    case 'start':
      return look(state);
    case 'timer':
      return state.phase === 'waiting' || state.phase === 'settling' ? look(state) : { state, effects: [] };
    case 'sign':
      if (state.phase === 'waiting') return wait({ ...state, signalled: true }, []);
      // Its time is not prolonged: a neighbour in the folder that is written without pause would keep the file from being read.
      return { state: { ...state, signalled: true }, effects: [] };
    case 'looked':
      return event.sees === state.seen
        ? wait(state, [])
        : { state: { ...state, phase: 'reading', sees: event.sees }, effects: [{ do: 'read' }] };
    case 'failed': {
      const sees = `failed ${event.name}`;
      const interrupt: FollowingEffect = { do: 'interrupt', problem: `cannot be read (${event.name})` };
      return wait({ ...state, seen: sees, text: undefined }, sees === state.seen ? [] : [interrupt]);
    }
    case 'read':
      return event.text === state.inUse
        ? goneThrough(state, [{ do: 'confirm' }])
        : { state: { ...state, phase: 'checking', text: event.text }, effects: [{ do: 'check', text: event.text }] };
    case 'checked':
      return event.problem === undefined
        ? { state: { ...state, phase: 'offering' }, effects: [{ do: 'offer' }] }
        : goneThrough(state, [{ do: 'interrupt', problem: event.problem }]);
    case 'offered':
      return event.isTaken
        ? goneThrough({ ...state, inUse: state.text }, [])
        : goneThrough(state, [{ do: 'interrupt', problem: 'could not be taken in' }]);
    case 'close':
      return {
        state: { ...state, phase: 'closed', text: undefined },
        effects: [{ do: 'clear-timer' }, { do: 'abandon' }],
      };
  }
}

function look(state: FollowingState): FollowingStep {
  return { state: { ...state, phase: 'looking', signalled: false }, effects: [{ do: 'look' }] };
}

/** What this look has seen needs no second reading. */
function goneThrough(state: FollowingState, effects: readonly FollowingEffect[]): FollowingStep {
  return wait({ ...state, seen: state.sees, text: undefined }, effects);
}

/** Until the next look: soon, if the file may have changed since this one began. */
function wait(state: FollowingState, effects: readonly FollowingEffect[]): FollowingStep {
  const { signalled, interval } = state;
  const milliseconds = signalled ? Math.min(SETTLE, interval) : interval;
  const phase = signalled ? 'settling' : 'waiting';
  // First the timer: an application that closes the client when it hears of the rest has nothing left behind.
  return { state: { ...state, phase }, effects: [{ do: 'set-timer', milliseconds }, ...effects] };
}
