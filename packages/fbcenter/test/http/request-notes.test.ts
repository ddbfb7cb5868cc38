import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { RequestNotes } from '../../src/http/request-notes.js';

it('a request has what was noted of it under each name, and nothing of another request', () => {
  const [one, other] = [{}, {}] as FastifyRequest[];
  if (one === undefined || other === undefined) throw new Error('there are no requests');
  const [first, second] = [new RequestNotes<number>(), new RequestNotes<string>()];
  first.set(one, 1);
  second.set(one, 'x');
  first.set(one, 2);
  expect([first.get(one), second.get(one), first.get(other), second.get(other)]).toEqual([
    2,
    'x',
    undefined,
    undefined,
  ]);
  // What is written about a request has no note in it.
  expect(JSON.stringify(one)).toBe('{}');
});
