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
      /** Whether everything was asked for on a new connection, and has not come. */
      readonly awaitsEverything: boolean;
      /** Whether the source was interrupted since the message arrived. */
      readonly isLate: boolean;
    }
  /** Data was committed that no source brought: a bootstrap, or what an earlier run saved. */
  | { readonly type: 'given' }
  /** What is held is what the source has; `isWhole`: it is all of it. */
  | { readonly type: 'confirmed'; readonly isWhole: boolean }
  /** The source is alive and in order. */
  | { readonly type: 'current' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'refused' };

/** What the rest of the client learns from an event. */
export interface IntakeStep {
  readonly state: IntakeState;
  /** `alive`: in sync, but nothing shows that all of it is what the source has. */
  readonly serves: 'in-sync' | 'alive' | 'stale' | 'as-before';
  /** Whether changes that were hidden appear. */
  readonly reveals: boolean;
}

/** What follows from an event. */
export function intakeStep(state: IntakeState, event: IntakeEvent): IntakeStep {
  switch (event.type) {
    case 'committed': {
      if (event.mayBePush) return pushed(state, event.awaitsEverything, event.isLate);
      const whole = state.whole || event.isFull;
      if (isSettled(state) && whole === state.whole && !event.isLate)
        return { state, serves: 'in-sync', reveals: false };
      const seen: IntakeState = { ...state, ...SEEN, whole };
      if (event.isLate) return { state: seen, serves: 'stale', reveals: state.hidden };
      return { state: { ...seen, ...IN_SYNC }, serves: 'in-sync', reveals: state.hidden };
    }
    case 'given':
      return { state: { ...state, visible: true, hidden: false }, serves: 'as-before', reveals: state.hidden };
    case 'confirmed': {
      const whole = state.whole || event.isWhole;
      return { state: { ...state, ...SEEN, ...IN_SYNC, whole }, serves: 'in-sync', reveals: state.hidden };
    }
    case 'current':
      return { state: { ...state, ...SEEN, ...IN_SYNC }, serves: 'alive', reveals: state.hidden };
    case 'interrupted':
    case 'refused': {
      const refused = state.refused || event.type === 'refused';
      const after = { ...state, inSync: false, refused, interruptions: state.interruptions + 1 };
      return { state: after, serves: 'as-before', reveals: false };
    }
  }
}

const SEEN = { answered: true, visible: true, hidden: false } as const;
const IN_SYNC = { inSync: true, refused: false } as const;

/** Whether a good answer changes nothing of it; mostly it is so. */
function isSettled({ answered, visible, hidden, inSync, refused }: IntakeState): boolean {
  return answered && visible && !hidden && inSync && !refused;
}

/** Changes came that may be a push: they say nothing of the rest, so the data gets no younger. */
function pushed(state: IntakeState, awaitsEverything: boolean, isLate: boolean): IntakeStep {
  const isEarly = !state.answered || awaitsEverything;
  if (isEarly || isLate) return { state: { ...state, hidden: !state.visible }, serves: 'as-before', reveals: false };
  // Mostly nothing changes: it is a push to a client that is in sync.
  const after = state.inSync && !state.refused ? state : { ...state, ...IN_SYNC };
  return { state: after, serves: 'alive', reveals: false };
}
