import { describe, expect, it } from 'vitest';
import { TRIGGER_ACTIONS } from '../../../src/model/trigger.js';
import { ACTION_NAMES, ACTION_TEXTS, curlOf, usesText } from '../../src/model/triggers.js';

describe('a trigger in words', () => {
  it.each([
    ['on', 'Switch the flag on', 'switches the flag on'],
    ['off', 'Switch the flag off', 'switches the flag off'],
    ['toggle', 'Switch the flag over: on when it is off, off when it is on', 'switches the flag over'],
  ] as const)('says what it does: %s', (action, name, text) => {
    expect([ACTION_NAMES[action], ACTION_TEXTS[action]]).toEqual([name, text]);
  });

  it('has words for everything that the center knows, and for nothing else', () => {
    expect(Object.keys(ACTION_NAMES)).toEqual([...TRIGGER_ACTIONS]);
    expect(Object.keys(ACTION_TEXTS)).toEqual([...TRIGGER_ACTIONS]);
  });

  it.each([
    [0, 'never used'],
    [1, 'used once'],
    [2, 'used 2 times'],
    [12_345, 'used 12,345 times'],
  ])('says how often it was used: %i', (uses, text) => {
    expect(usesText({ uses })).toBe(text);
  });

  it('is used by one line', () => {
    expect(curlOf('https://flags.example/api/public/triggers/fbt_x')).toBe(
      "curl -X POST 'https://flags.example/api/public/triggers/fbt_x'",
    );
  });
});
