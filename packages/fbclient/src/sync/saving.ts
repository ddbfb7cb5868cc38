// When an environment is saved, as a pure machine: later than it changes, one save at a time, tried again when it fails.

/** From a change to the save that holds it, in milliseconds: changes come in groups. */
const DEBOUNCE = 1_000;
/** The longest wait between two attempts to save, in milliseconds; it doubles from {@link DEBOUNCE} with each failure. */
const MAX_RETRY = 60_000;
/** If nothing changes, save once an hour, to record that the data is still current (milliseconds). */
const REFRESH = 3_600_000;

export interface SavingState {
  readonly phase: 'idle' | 'waiting' | 'saving';
  /** Whether `close()` was called, and whether its last save has begun. */
  readonly closing: 'no' | 'yes' | 'last-save';
  /** Whether anything was ever committed. Until then what an earlier run saved must stay; it may be good. */
  readonly filled: boolean;
  /** Whether the data was current once more since the last save began. */
  readonly dirty: boolean;
  /** Whether the data differs from what the last save wrote, or may differ. */
  readonly changed: boolean;
  /** When a save is due although nothing has changed; monotonic milliseconds. */
  readonly refreshAt: number;
  /** Failed saves in a row. */
  readonly failures: number;
}

export type SavingEvent =
  /** A sync message is in use; `isChanged`: it has changed what is held. */
  | { readonly type: 'committed'; readonly isChanged: boolean }
  /** What is held is what the source has. */
  | { readonly type: 'current' }
  | { readonly type: 'timer' }
  | { readonly type: 'saved' }
  | { readonly type: 'failed' }
  | { readonly type: 'close' };

export type SavingEffect =
  | { readonly do: 'save' }
  | { readonly do: 'set-timer'; readonly milliseconds: number }
  | { readonly do: 'clear-timer' };

export interface SavingStep {
  readonly state: SavingState;
  readonly effects: readonly SavingEffect[];
}

export const NOTHING_SAVED: SavingState = {
  phase: 'idle',
  closing: 'no',
  filled: false,
  dirty: false,
  changed: false,
  refreshAt: Number.NEGATIVE_INFINITY,
  failures: 0,
};

/** What follows from an event. @param now monotonic milliseconds. */
export function savingStep(state: SavingState, event: SavingEvent, now: number): SavingStep {
  switch (event.type) {
    case 'committed':
      return { state: { ...state, filled: true, changed: state.changed || event.isChanged }, effects: [] };
    case 'current':
      // Nothing was committed yet. Do not overwrite what an earlier run saved; it may be good.
      if (!state.filled) return { state, effects: [] };
      return state.closing === 'no' && state.phase === 'idle'
        ? idle({ ...state, dirty: true }, DEBOUNCE, now)
        : { state: { ...state, dirty: true }, effects: [] };
    case 'timer':
      return state.phase === 'waiting' ? save(state) : { state, effects: [] };
    case 'saved': {
      const saved: SavingState = { ...state, refreshAt: now + REFRESH, failures: 0 };
      return ended(saved, now);
    }
    case 'failed':
      return ended({ ...state, dirty: true, changed: true, failures: state.failures + 1 }, now);
    case 'close':
      if (state.phase === 'saving') return { state: { ...state, closing: 'yes' }, effects: [] };
      return close(state, [{ do: 'clear-timer' }]);
  }
}

/** A save has ended, well or not. */
function ended(state: SavingState, now: number): SavingStep {
  const idleAgain: SavingState = { ...state, phase: 'idle' };
  if (state.closing === 'yes') return close(idleAgain, []);
  if (state.closing === 'last-save') return { state: idleAgain, effects: [] };
  return idle(idleAgain, Math.min(DEBOUNCE * 2 ** Math.min(state.failures, 10), MAX_RETRY), now);
}

/** Nothing is being saved: the next save comes after a while if one is due. */
function idle(state: SavingState, milliseconds: number, now: number): SavingStep {
  const isDue = state.dirty && (state.changed || now >= state.refreshAt);
  if (!isDue) return { state, effects: [] };
  return { state: { ...state, phase: 'waiting' }, effects: [{ do: 'set-timer', milliseconds }] };
}

function close(state: SavingState, effects: readonly SavingEffect[]): SavingStep {
  if (!state.dirty) return { state: { ...state, phase: 'idle', closing: 'yes' }, effects };
  const step = save({ ...state, closing: 'last-save' });
  return { ...step, effects: [...effects, ...step.effects] };
}

function save(state: SavingState): SavingStep {
  return { state: { ...state, phase: 'saving', dirty: false, changed: false }, effects: [{ do: 'save' }] };
}
