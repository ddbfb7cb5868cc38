import { describe, expect, it } from 'vitest';
import {
  type IntakeEvent,
  type IntakeState,
  type IntakeStep,
  intakeStep,
  NOTHING_HELD,
} from '../../src/sync/intake-state.js';

/** The states that matter, by what has happened. */
const STATES = {
  nothing: NOTHING_HELD,
  /** Changes came before the first answer. */
  hidden: { ...NOTHING_HELD, hidden: true },
  /** A bootstrap, or what an earlier run saved. */
  given: { ...NOTHING_HELD, visible: true },
  inSync: { ...NOTHING_HELD, whole: true, answered: true, visible: true, inSync: true },
  interrupted: { ...NOTHING_HELD, whole: true, answered: true, visible: true, interruptions: 1 },
  refused: { ...NOTHING_HELD, whole: true, answered: true, visible: true, refused: true, interruptions: 1 },
} as const satisfies Record<string, IntakeState>;
type Name = keyof typeof STATES;

const COMMITTED = {
  type: 'committed',
  isFull: false,
  mayBePush: false,
  awaitsEverything: false,
  isLate: false,
} as const;
const EVENTS = {
  full: { ...COMMITTED, isFull: true },
  lateFull: { ...COMMITTED, isFull: true, isLate: true },
  changes: { ...COMMITTED, mayBePush: true },
  /** Before the answer to a request for everything. */
  earlyChanges: { ...COMMITTED, mayBePush: true, awaitsEverything: true },
  lateChanges: { ...COMMITTED, mayBePush: true, isLate: true },
  nothingNew: COMMITTED,
  given: { type: 'given' },
  confirmed: { type: 'confirmed', isWhole: true },
  answered: { type: 'confirmed', isWhole: false },
  current: { type: 'current' },
  interrupted: { type: 'interrupted' },
  refused: { type: 'refused' },
} as const satisfies Record<string, IntakeEvent>;

type Cell = readonly [Partial<IntakeState>, IntakeStep['serves'], 'reveals'?];
const seen = { answered: true, visible: true, hidden: false } as const;
const inSync = { ...seen, inSync: true, refused: false } as const;
const FULL: Cell = [{ ...inSync, whole: true }, 'in-sync'];
const LATE: Cell = [{ ...seen, whole: true }, 'stale'];
const PART: Cell = [inSync, 'in-sync'];
const ALIVE: Cell = [inSync, 'alive'];
const interrupted = (interruptions: number, refused: boolean): Cell => [
  { inSync: false, refused, interruptions },
  'as-before',
];
const reveals = ([state, serves]: Cell): Cell => [state, serves, 'reveals'];

// A state or an event without its cell does not compile.
const TABLE: Readonly<Record<Name, Readonly<Record<keyof typeof EVENTS, Cell>>>> = {
  nothing: {
    full: FULL,
    lateFull: LATE,
    changes: [{ hidden: true }, 'as-before'],
    earlyChanges: [{ hidden: true }, 'as-before'],
    lateChanges: [{ hidden: true }, 'as-before'],
    nothingNew: PART,
    given: [{ visible: true }, 'as-before'],
    confirmed: FULL,
    answered: PART,
    current: ALIVE,
    interrupted: interrupted(1, false),
    refused: interrupted(1, true),
  },
  hidden: {
    full: reveals(FULL),
    lateFull: reveals(LATE),
    changes: [{}, 'as-before'],
    earlyChanges: [{}, 'as-before'],
    lateChanges: [{}, 'as-before'],
    nothingNew: reveals(PART),
    given: [{ visible: true, hidden: false }, 'as-before', 'reveals'],
    confirmed: reveals(FULL),
    answered: reveals(PART),
    current: reveals(ALIVE),
    interrupted: interrupted(1, false),
    refused: interrupted(1, true),
  },
  given: {
    full: FULL,
    lateFull: LATE,
    changes: [{}, 'as-before'],
    earlyChanges: [{}, 'as-before'],
    lateChanges: [{}, 'as-before'],
    nothingNew: PART,
    given: [{}, 'as-before'],
    confirmed: FULL,
    answered: PART,
    current: ALIVE,
    interrupted: interrupted(1, false),
    refused: interrupted(1, true),
  },
  inSync: {
    full: FULL,
    // It is newer than the interruption's end: only the caller knows that it is late.
    lateFull: [{}, 'stale'],
    changes: ALIVE,
    earlyChanges: [{}, 'as-before'],
    lateChanges: [{}, 'as-before'],
    nothingNew: PART,
    given: [{}, 'as-before'],
    confirmed: FULL,
    answered: PART,
    current: ALIVE,
    interrupted: interrupted(1, false),
    refused: interrupted(1, true),
  },
  interrupted: {
    full: FULL,
    lateFull: LATE,
    changes: ALIVE,
    earlyChanges: [{}, 'as-before'],
    lateChanges: [{}, 'as-before'],
    nothingNew: PART,
    given: [{}, 'as-before'],
    confirmed: FULL,
    answered: PART,
    current: ALIVE,
    interrupted: interrupted(2, false),
    refused: interrupted(2, true),
  },
  refused: {
    full: FULL,
    lateFull: LATE,
    changes: ALIVE,
    earlyChanges: [{}, 'as-before'],
    lateChanges: [{}, 'as-before'],
    nothingNew: PART,
    given: [{}, 'as-before'],
    confirmed: FULL,
    answered: PART,
    current: ALIVE,
    interrupted: interrupted(2, true),
    refused: interrupted(2, true),
  },
};

describe.each(Object.entries(TABLE))('%s', (name, cells) => {
  it.each(Object.entries(cells))('and then %s', (event, [change, serves, revealed]) => {
    const before: IntakeState = STATES[name as Name];
    expect(intakeStep(before, EVENTS[event as keyof typeof EVENTS])).toEqual({
      state: { ...before, ...change },
      serves,
      reveals: revealed !== undefined,
    });
  });
});
