import { describe, expect, it } from 'vitest';
import { isEventPattern, isWanted, messageOf } from '../../src/model/webhook.js';

describe('what a webhook can ask for', () => {
  it.each(['*', 'flag.*', 'flag.switch-off', 'segment.update', 'flag.put-back', 'experiment.start'])('%s', (text) => {
    expect(isEventPattern(text)).toBe(true);
  });

  it.each([
    '',
    'flag',
    'flag.',
    '.update',
    'flag.**',
    '*.update',
    'Flag.update',
    'flag.up date',
    'flag.update.more',
    'flag.-x',
    'flag*',
    `flag.${'a'.repeat(80)}`,
    5,
    null,
    ['*'],
  ])('%j is not', (text) => {
    expect(isEventPattern(text)).toBe(false);
  });

  it.each<[readonly string[], string, boolean]>([
    [['*'], 'flag.update', true],
    [['flag.*'], 'flag.update', true],
    [['flag.*'], 'segment.update', false],
    [['flag.*'], 'flagship.update', false],
    [['flag.update'], 'flag.update', true],
    [['flag.update'], 'flag.updates', false],
    [['segment.*', 'flag.switch-on'], 'flag.switch-on', true],
    [['segment.*', 'flag.switch-on'], 'flag.switch-off', false],
    [[], 'flag.update', false],
  ])('%j: of %s that is %s', (events, type, expected) => {
    expect(isWanted(events, type)).toBe(expected);
  });
});

describe('the message of an entry of the audit log', () => {
  const entry = {
    id: 7,
    at: Date.UTC(2026, 0, 2),
    actor: { kind: 'user', id: 'u1', name: 'Ada' },
    action: 'switch-off',
    subject: { kind: 'flag', key: 'checkout', environment: 'prod' },
    fields: ['isEnabled'],
  } as const;

  it('says what was done to what by whom, and has null where there is nothing', () => {
    const { type, body } = messageOf(entry);
    expect(type).toBe('flag.switch-off');
    expect(JSON.parse(body)).toEqual({
      type: 'flag.switch-off',
      timestamp: '2026-01-02T00:00:00.000Z',
      data: {
        entry: 7,
        environment: 'prod',
        kind: 'flag',
        key: 'checkout',
        action: 'switch-off',
        version: null,
        beforeVersion: null,
        fields: ['isEnabled'],
        actor: { kind: 'user', id: 'u1', name: 'Ada' },
        comment: null,
        group: null,
        source: null,
      },
    });
  });

  it('has versions and notes as they are, and no document', () => {
    const notes = { version: 5, beforeVersion: 4, comment: 'It hurts', group: 'g', source: 'file' };
    const detail = { ...entry, ...notes, before: '{"secret":1}', after: '{"secret":2}' };
    const { body } = messageOf(detail);
    expect(JSON.parse(body).data).toMatchObject(notes);
    expect(body).not.toContain('secret');
  });
});
