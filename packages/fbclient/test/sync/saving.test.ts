import { describe, expect, it } from 'vitest';
import {
  NOTHING_SAVED,
  type SavingEffect,
  type SavingEvent,
  type SavingState,
  savingStep,
} from '../../src/sync/saving.js';

const NOW = 10_000_000;
const HOUR = 3_600_000;
type Phase = SavingState['phase'];
type EventType = SavingEvent['type'];

/** What was committed and was current, with nothing to save. */
const SAVED: SavingState = { ...NOTHING_SAVED, filled: true, refreshAt: NOW + HOUR };
const OF_PHASE: Readonly<Record<Phase, SavingState>> = {
  idle: SAVED,
  waiting: { ...SAVED, phase: 'waiting', dirty: true, changed: true },
  saving: { ...SAVED, phase: 'saving' },
};
const OF_EVENT: { readonly [E in EventType]: SavingEvent & { readonly type: E } } = {
  committed: { type: 'committed', isChanged: true },
  current: { type: 'current' },
  timer: { type: 'timer' },
  saved: { type: 'saved' },
  failed: { type: 'failed' },
  close: { type: 'close' },
};

interface Transition {
  readonly when: string;
  readonly from?: Partial<SavingState>;
  readonly event?: Partial<SavingEvent & { readonly type: 'committed' }>;
  readonly to: Partial<SavingState>;
  readonly effects: readonly SavingEffect[];
}

const SAVE: SavingEffect = { do: 'save' };
const CLEAR: SavingEffect = { do: 'clear-timer' };
const after = (milliseconds: number): SavingEffect => ({ do: 'set-timer', milliseconds });
const saving = { phase: 'saving', dirty: false, changed: false } as const;

// A phase or an event without its cells does not compile. `impossible`: the shell never reports it there.
type Table = Readonly<Record<Phase, Readonly<Record<EventType, 'impossible' | readonly Transition[]>>>>;
const TABLE: Table = {
  idle: {
    committed: [
      { when: 'something has changed', to: { changed: true }, effects: [] },
      { when: 'nothing has changed', event: { isChanged: false }, to: {}, effects: [] },
      { when: 'it is the first', from: NOTHING_SAVED, to: { filled: true, changed: true }, effects: [] },
    ],
    current: [
      {
        when: 'it has changed',
        from: { changed: true },
        to: { phase: 'waiting', dirty: true },
        effects: [after(1_000)],
      },
      { when: 'it has not changed and was saved lately', to: { dirty: true }, effects: [] },
      {
        when: 'it has not changed for an hour',
        from: { refreshAt: NOW },
        to: { phase: 'waiting', dirty: true },
        effects: [after(1_000)],
      },
      { when: 'nothing was committed', from: { filled: false }, to: {}, effects: [] },
      { when: 'it was closed', from: { closing: 'yes', changed: true }, to: { dirty: true }, effects: [] },
    ],
    timer: [{ when: 'it was cancelled too late', to: {}, effects: [] }],
    saved: 'impossible',
    failed: 'impossible',
    close: [
      { when: 'nothing is to be saved', to: { closing: 'yes' }, effects: [CLEAR] },
      {
        when: 'it was current since the last save',
        from: { dirty: true },
        to: { ...saving, closing: 'last-save' },
        effects: [CLEAR, SAVE],
      },
    ],
  },
  waiting: {
    committed: [{ when: 'more has changed', to: { changed: true }, effects: [] }],
    current: [{ when: 'it is still current', to: { dirty: true }, effects: [] }],
    timer: [{ when: 'the wait is over', to: saving, effects: [SAVE] }],
    saved: 'impossible',
    failed: 'impossible',
    close: [{ when: 'a save is due', to: { ...saving, closing: 'last-save' }, effects: [CLEAR, SAVE] }],
  },
  saving: {
    committed: [{ when: 'it changes meanwhile', to: { changed: true }, effects: [] }],
    current: [{ when: 'it is current meanwhile', to: { dirty: true }, effects: [] }],
    timer: [{ when: 'it was cancelled too late', to: {}, effects: [] }],
    saved: [
      { when: 'nothing has changed meanwhile', from: { failures: 3 }, to: { phase: 'idle', failures: 0 }, effects: [] },
      {
        when: 'it has changed meanwhile',
        from: { dirty: true, changed: true },
        to: { phase: 'waiting' },
        effects: [after(1_000)],
      },
      {
        when: 'it was closed and current meanwhile',
        from: { closing: 'yes', dirty: true },
        to: { ...saving, closing: 'last-save' },
        effects: [SAVE],
      },
      { when: 'it was closed meanwhile', from: { closing: 'yes' }, to: { phase: 'idle' }, effects: [] },
      { when: 'it was the last', from: { closing: 'last-save', dirty: true }, to: { phase: 'idle' }, effects: [] },
    ],
    failed: [
      {
        when: 'the first time',
        to: { phase: 'waiting', dirty: true, changed: true, failures: 1 },
        effects: [after(2_000)],
      },
      {
        when: 'for a long time',
        from: { failures: 900 },
        to: { phase: 'waiting', dirty: true, changed: true, failures: 901 },
        effects: [after(60_000)],
      },
      {
        when: 'it was closed meanwhile',
        from: { closing: 'yes' },
        to: { ...saving, closing: 'last-save', failures: 1 },
        effects: [SAVE],
      },
      {
        when: 'the last one',
        from: { closing: 'last-save' },
        to: { phase: 'idle', dirty: true, changed: true, failures: 1 },
        effects: [],
      },
    ],
    close: [{ when: 'a save is under way', to: { closing: 'yes' }, effects: [] }],
  },
};

describe.each(Object.entries(TABLE))('%s', (phase, events) => {
  for (const [type, cell] of Object.entries(events)) {
    if (cell === 'impossible') continue;
    it.each([...cell])(`${type}: $when`, ({ from, event, to, effects }) => {
      const before: SavingState = { ...OF_PHASE[phase as Phase], ...from };
      const happens = { ...OF_EVENT[type as EventType], ...event } as SavingEvent;
      expect(savingStep(before, happens, NOW)).toEqual({ state: { ...before, ...to }, effects });
    });
  }
});
