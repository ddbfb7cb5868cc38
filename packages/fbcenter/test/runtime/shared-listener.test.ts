import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { sharedListener } from '../../src/runtime/shared-listener.js';

it('a listener that emitters share hears which of them it was, and what was said; it can be taken off each', () => {
  const heard: unknown[] = [];
  const listener = sharedListener((emitter: EventEmitter, ...said: readonly unknown[]) =>
    heard.push([emitter, ...said]),
  );
  const [one, other] = [new EventEmitter(), new EventEmitter()];
  for (const emitter of [one, other]) emitter.on('said', listener);
  one.emit('said', 1, 2);
  other.emit('said');
  other.off('said', listener);
  other.emit('said', 3);
  expect(heard).toEqual([[one, 1, 2], [other]]);
});
