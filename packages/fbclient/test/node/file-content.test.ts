import { expect, it, onTestFinished, vi } from 'vitest';
import { fileContent } from '../../src/node/file-content.js';
import { OwnEnvelope } from '../../src/protocol/messages.js';
import { full, wireFlag } from '../support/wire.js';

/** Reads a text to its end. */
function read(text: string): { readonly content: OwnEnvelope | string; readonly steps: number } {
  const reading = fileContent(text);
  for (let steps = 0; ; steps++) {
    const step = reading.next();
    if (step.done === true) return { content: step.value, steps };
  }
}

it('a flags file is parsed once, and checked with a turn for others after each document', () => {
  const flags = Array.from({ length: 50 }, (_, index) => wireFlag(`flag-${index}`));
  const text = JSON.stringify(full(flags));
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const { content, steps } = read(text);
  expect(parse).toHaveBeenCalledTimes(1);
  expect(steps).toBeGreaterThanOrEqual(flags.length);
  expect(content instanceof OwnEnvelope && content.data).toEqual(full(flags).data);
});

it('a long flags file stays bytes: only what may be damaged in it is parsed', () => {
  const flags = Array.from({ length: 2_000 }, (_, index) => wireFlag(`flag-${index}`));
  const text = JSON.stringify(full(flags), undefined, 1);
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const { content, steps } = read(text);
  const lengths = parse.mock.calls.map(([parsed]) => parsed.length);
  expect(Math.max(...lengths)).toBeLessThan(20);
  expect(steps).toBeGreaterThanOrEqual(flags.length);
  expect(content instanceof OwnEnvelope && content.data.featureFlags.length).toBe(flags.length);
});

it.each([
  [
    'no JSON, far behind its start',
    (good: string) => `${good.slice(0, -1)},`,
    /^is not JSON: line 1, column \d+: expected a property name$/,
  ],
  [
    'a damaged flag, far behind its start',
    (good: string) => {
      const last = good.lastIndexOf('"isEnabled":true');
      return `${good.slice(0, last)}"isEnabled":1${good.slice(last + '"isEnabled":true'.length)}`;
    },
    /^is damaged: line 1, column \d+: flag "flag-1999": isEnabled: expected a boolean, got number$/,
  ],
])('that there is %s is found with turns for others too', (_name, damage, problem) => {
  const good = JSON.stringify(full(Array.from({ length: 2_000 }, (_, index) => wireFlag(`flag-${index}`))));
  const { content, steps } = read(damage(good));
  expect(content).toMatch(problem);
  expect(steps).toBeGreaterThan(10);
});
