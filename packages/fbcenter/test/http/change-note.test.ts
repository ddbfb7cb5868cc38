import { describe, expect, it } from 'vitest';
import { changeNoteOf } from '../../src/http/change-note.js';

const comment = (header: string) => changeNoteOf({ 'x-change-comment': header }).comment;

describe('what a request says about its change', () => {
  it('is nothing unless it says something', () => {
    expect(changeNoteOf({})).toEqual({ comment: undefined, group: undefined });
    expect(comment('')).toBeUndefined();
    expect(comment('%20')).toBeUndefined();
  });

  it.each([
    ['plain text', 'plain text'],
    ['  around  ', 'around'],
    ['f%C3%BCr', 'für'],
    [Buffer.from('für').toString('latin1'), 'für'],
    ['f\u00fcr', 'für'],
    ['%F0%9F%9A%A9', '🚩'],
    ['50% off', '50% off'],
    ['%E0%A4%A', '%E0%A4%A'],
    ['a%09b%0Ac', 'a\tb\nc'],
    ['%25', '%'],
    ['x'.repeat(1_000), 'x'.repeat(1_000)],
    // What counts is what is kept, not how long it is on the way.
    ['%C3%BC'.repeat(1_000), 'ü'.repeat(1_000)],
  ])('is read as it is meant: %j', (header, text) => {
    expect(comment(header)).toBe(text);
  });

  it.each(['x'.repeat(1_001), '%C3%BC'.repeat(1_001), 'a%00b', 'a%1B[31m', 'a%0Db', 'a%C2%85b', '%7F'])(
    'is refused when it cannot be kept: %j',
    (header) => {
      expect(() => comment(header)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    },
  );

  it.each(['a', 'A-Z_09', 'x'.repeat(64), '3fa85f64-5717-4562-b3fc-2c963f66afa6'])('may have a group: %s', (group) => {
    expect(changeNoteOf({ 'x-change-group': group }).group).toBe(group);
  });

  it.each(['', ' ', 'a b', 'a,b', 'ü', 'x'.repeat(65), '%41', "'; --"])('has no group %j', (group) => {
    expect(() => changeNoteOf({ 'x-change-group': group })).toThrow(/x-change-group/);
  });
});
