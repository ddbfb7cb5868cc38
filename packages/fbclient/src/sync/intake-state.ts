/** What the intake knows about the data that is held. */
export interface IntakeState {
  /** Whether a full message was committed, or all that is held was confirmed: a cursor can build on it. */
  readonly whole: boolean;
  /** Whether the source has answered: before that, changes are pushes that overtook the answer. */
  readonly answered: boolean;
  /** Whether evaluations see what is held. */
  readonly visible: boolean;
  /** Whether changes were committed that evaluations do not see yet. */
  readonly hidden: boolean;
  readonly inSync: boolean;
  /** Whether the server has refused the client and has not let it in again. */
  readonly refused: boolean;
  /** Interruptions and refusals; a failed attempt to restore the synchronization is one, too. */
  readonly interruptions: number;
}

export const NOTHING_HELD: IntakeState = {
  whole: false,
  answered: false,
  visible: false,
  hidden: false,
  inSync: false,
  refused: false,
  interruptions: 0,
};

export type IntakeEvent =
  /** A sync message of the source was committed. */
  | {
      readonly type: 'committed';
      readonly isFull: boolean;
      /** Changes that may have overtaken the answer. */
      readonly mayBePush: boolean;
      /** Whether the source was interrupted since the message arrived. */
      readonly isLate: boolean;
    }
  /** Data was committed that no source brought: a bootstrap, or what an earlier run saved. */
  | { readonly type: 'given' }
  /** What is held is what the source has. `isWhole`: all of it; otherwise it may be part of what the source has. */
  | { readonly type: 'confirmed'; readonly isWhole: boolean }
  | { readonly type: 'interrupted' }
  | { readonly type: 'refused' };

/** What the rest of the client learns from an event. */
export interface IntakeStep {
  readonly state: IntakeState;
  readonly serves: 'in-sync' | 'stale' | 'as-before';
  /** Whether changes that were hidden appear. */
  readonly reveals: boolean;
}

/** What follows from an event. */
export function intakeStep(state: IntakeState, event: IntakeEvent): IntakeStep {
  switch (event.type) {
    case 'committed': {
      if (event.mayBePush && !state.answered) {
        return { state: { ...state, hidden: !state.visible }, serves: 'as-before', reveals: false };
      }
      const whole = state.whole || event.isFull;
      const seen: IntakeState = { ...state, whole, answered: true, visible: true, hidden: false };
      if (event.isLate) return { state: seen, serves: 'stale', reveals: state.hidden };
      return { state: { ...seen, inSync: true, refused: false }, serves: 'in-sync', reveals: state.hidden };
    }
    case 'given':
      return { state: { ...state, visible: true, hidden: false }, serves: 'as-before', reveals: state.hidden };
    case 'confirmed': {
      const whole = state.whole || event.isWhole;
      const current = { whole, answered: true, visible: true, hidden: false, inSync: true, refused: false };
      return { state: { ...state, ...current }, serves: 'in-sync', reveals: state.hidden };
    }
    case 'interrupted':
    case 'refused': {
      const refused = state.refused || event.type === 'refused';
      const after = { ...state, inSync: false, refused, interruptions: state.interruptions + 1 };
      return { state: after, serves: 'as-before', reveals: false };
    }
  }
}
