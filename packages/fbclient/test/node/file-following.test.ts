import { describe, expect, it } from 'vitest';
import {
  type FollowingEffect,
  type FollowingEvent,
  type FollowingState,
  followingStep,
  notFollowed,
} from '../../src/node/file-following.js';

type Phase = FollowingState['phase'];
type EventType = FollowingEvent['type'];

const INTERVAL = 1_000;
const SETTLE = 25;
/** A file whose first version is in use. */
const FOLLOWED: FollowingState = { ...notFollowed(INTERVAL), seen: 'first', sees: 'first', inUse: 'text 1' };
const OF_PHASE: Readonly<Record<Phase, FollowingState>> = {
  waiting: FOLLOWED,
  settling: { ...FOLLOWED, phase: 'settling', signalled: true },
  looking: { ...FOLLOWED, phase: 'looking' },
  reading: { ...FOLLOWED, phase: 'reading', sees: 'second' },
  checking: { ...FOLLOWED, phase: 'checking', sees: 'second', text: 'text 2' },
  offering: { ...FOLLOWED, phase: 'offering', sees: 'second', text: 'text 2' },
  closed: { ...FOLLOWED, phase: 'closed' },
};
const OF_EVENT: { readonly [E in EventType]: FollowingEvent & { readonly type: E } } = {
  start: { type: 'start' },
  sign: { type: 'sign' },
  timer: { type: 'timer' },
  looked: { type: 'looked', sees: 'second' },
  read: { type: 'read', text: 'text 2' },
  failed: { type: 'failed', name: 'ENOENT' },
  checked: { type: 'checked' },
  offered: { type: 'offered', isTaken: true },
  close: { type: 'close' },
};

interface Transition {
  readonly when: string;
  readonly from?: Partial<FollowingState>;
  readonly event?: FollowingEvent;
  readonly to: Partial<FollowingState>;
  readonly effects: readonly FollowingEffect[];
}

const LOOK: FollowingEffect = { do: 'look' };
const after = (milliseconds: number): FollowingEffect => ({ do: 'set-timer', milliseconds });
const interrupt = (problem: string): FollowingEffect => ({ do: 'interrupt', problem });
const looking: Partial<FollowingState> = { phase: 'looking', signalled: false };
const waiting: Partial<FollowingState> = { phase: 'waiting', text: undefined };
const settling: Partial<FollowingState> = { phase: 'settling', text: undefined };
const signalled: Transition = { when: 'the file may change once more', to: { signalled: true }, effects: [] };
const late: Transition = { when: 'it was cancelled too late', to: {}, effects: [] };
const closes: Transition = {
  when: 'nothing is used from here on',
  to: { phase: 'closed', text: undefined },
  effects: [{ do: 'clear-timer' }, { do: 'abandon' }],
};
const tooLate: Transition = { when: 'it comes too late', to: {}, effects: [] };
const failed: readonly Transition[] = [
  {
    when: 'for the first time',
    to: { ...waiting, seen: 'failed ENOENT' },
    effects: [after(INTERVAL), interrupt('cannot be read (ENOENT)')],
  },
  { when: 'as before', from: { seen: 'failed ENOENT' }, to: { ...waiting }, effects: [after(INTERVAL)] },
  {
    when: 'in another way',
    from: { seen: 'failed EACCES' },
    to: { ...waiting, seen: 'failed ENOENT' },
    effects: [after(INTERVAL), interrupt('cannot be read (ENOENT)')],
  },
];

// A phase or an event without its cells does not compile. `impossible`: the shell never reports it there.
type Table = Readonly<Record<Phase, Readonly<Record<EventType, 'impossible' | readonly Transition[]>>>>;
const TABLE: Table = {
  waiting: {
    start: [
      {
        when: 'nothing was seen yet',
        from: notFollowed(INTERVAL),
        to: { ...looking, seen: '', sees: '', inUse: undefined },
        effects: [LOOK],
      },
    ],
    sign: [
      { when: 'its writer gets a moment', to: { phase: 'settling', signalled: true }, effects: [after(SETTLE)] },
      {
        when: 'looks come more often than that',
        from: { interval: 5 },
        to: { phase: 'settling', signalled: true },
        effects: [after(5)],
      },
    ],
    timer: [{ when: 'a look is due', to: looking, effects: [LOOK] }],
    looked: 'impossible',
    read: 'impossible',
    failed: 'impossible',
    checked: 'impossible',
    offered: 'impossible',
    close: [closes],
  },
  settling: {
    start: 'impossible',
    sign: [{ when: 'the moment does not get longer', to: {}, effects: [] }],
    timer: [{ when: 'the moment is over', to: looking, effects: [LOOK] }],
    looked: 'impossible',
    read: 'impossible',
    failed: 'impossible',
    checked: 'impossible',
    offered: 'impossible',
    close: [closes],
  },
  looking: {
    start: 'impossible',
    sign: [signalled],
    timer: [late],
    looked: [
      { when: 'it is another one', to: { phase: 'reading', sees: 'second' }, effects: [{ do: 'read' }] },
      {
        when: 'it is the same',
        event: { type: 'looked', sees: 'first' },
        to: { phase: 'waiting' },
        effects: [after(INTERVAL)],
      },
      {
        when: 'it was the same, and has given a sign since',
        from: { signalled: true },
        event: { type: 'looked', sees: 'first' },
        to: { phase: 'settling' },
        effects: [after(SETTLE)],
      },
    ],
    read: 'impossible',
    failed,
    checked: 'impossible',
    offered: 'impossible',
    close: [closes],
  },
  reading: {
    start: 'impossible',
    sign: [signalled],
    timer: [late],
    looked: 'impossible',
    read: [
      {
        when: 'it says something else',
        to: { phase: 'checking', text: 'text 2' },
        effects: [{ do: 'check', text: 'text 2' }],
      },
      {
        when: 'it says what is in use',
        event: { type: 'read', text: 'text 1' },
        to: { ...waiting, seen: 'second' },
        effects: [after(INTERVAL), { do: 'confirm' }],
      },
    ],
    failed,
    checked: 'impossible',
    offered: 'impossible',
    close: [closes],
  },
  checking: {
    start: 'impossible',
    sign: [signalled],
    timer: [late],
    looked: 'impossible',
    read: 'impossible',
    failed,
    checked: [
      { when: 'it is sound', to: { phase: 'offering' }, effects: [{ do: 'offer' }] },
      {
        when: 'it has a fault',
        event: { type: 'checked', problem: 'is not JSON' },
        to: { ...waiting, seen: 'second' },
        effects: [after(INTERVAL), interrupt('is not JSON')],
      },
      {
        when: 'it has a fault, and has given a sign since: it was written half',
        from: { signalled: true },
        event: { type: 'checked', problem: 'is not JSON' },
        to: { ...settling, seen: 'second' },
        effects: [after(SETTLE), interrupt('is not JSON')],
      },
    ],
    offered: 'impossible',
    close: [closes],
  },
  offering: {
    start: 'impossible',
    sign: [signalled],
    timer: [late],
    looked: 'impossible',
    read: 'impossible',
    failed,
    checked: 'impossible',
    offered: [
      { when: 'it is in use', to: { ...waiting, seen: 'second', inUse: 'text 2' }, effects: [after(INTERVAL)] },
      {
        when: 'it was refused: what was in use stays',
        event: { type: 'offered', isTaken: false },
        to: { ...waiting, seen: 'second' },
        effects: [after(INTERVAL), interrupt('could not be taken in')],
      },
    ],
    close: [closes],
  },
  closed: {
    start: 'impossible',
    sign: [tooLate],
    timer: [tooLate],
    looked: [tooLate],
    read: [tooLate],
    failed: [tooLate],
    checked: [tooLate],
    offered: [tooLate],
    close: [{ when: 'it is closed', to: {}, effects: [] }],
  },
};

const rows = Object.entries(TABLE).flatMap(([phase, cells]) =>
  Object.entries(cells).flatMap(([type, cell]) =>
    cell === 'impossible' ? [] : cell.map((transition) => ({ phase, type, ...transition })),
  ),
);

describe('a file that is followed', () => {
  it.each(rows)('$phase, $type: $when', ({ phase, type, from, event, to, effects }) => {
    const before: FollowingState = { ...OF_PHASE[phase as Phase], ...from };
    const step = followingStep(before, event ?? OF_EVENT[type as EventType]);
    expect(step.effects).toEqual(effects);
    expect(step.state).toEqual({ ...before, ...to });
  });

  it('is read at the first look, whatever else is written in its folder without pause', () => {
    let { state } = followingStep(FOLLOWED, { type: 'sign' });
    const effects: FollowingEffect[] = [];
    for (let signs = 0; signs < 100; signs++) {
      const step = followingStep(state, { type: 'sign' });
      ({ state } = step);
      effects.push(...step.effects);
    }
    expect(effects).toEqual([]);
    expect(followingStep(state, { type: 'timer' }).effects).toEqual([LOOK]);
  });
});
